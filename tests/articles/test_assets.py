"""What a file that is served is called in public."""

from feedsvc.articles.assets import Asset, Assets, asset_of, guess_media_type


def test_an_asset_is_called_by_its_content_and_keeps_its_kind() -> None:
    digest = "0123456789abcdef" * 4
    name = "0123456789abcdef0123456789abcdef.png"
    assert asset_of("articles/圖/一.PNG", digest, 12) == Asset(name=name, type="image/png", length=12)


def test_files_whose_names_differ_in_normalization_only_are_twins() -> None:
    listed: list[str] = []

    def names(folder: str) -> list[str]:
        listed.append(folder)
        return ["\u304c.png", "\u304b\u3099.png", "\u56f3.png"]

    assets = Assets("articles", lambda _path: None, names, lambda _path: None)
    assert list(map(assets.has_other_normalization, ("\u304c.png", "\u56f3.png", "a.png"))) == [True, False, False]
    assert listed == ["articles"]


def test_an_invalid_url_has_no_media_type() -> None:
    assert guess_media_type("https://a.example/a.mp3?x=1") == "audio/mpeg"
    assert guess_media_type("https://[^1]/a.mp3") is None
