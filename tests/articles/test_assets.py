"""What a file that is served is called in public."""

from feedsvc.articles.assets import Asset, asset_of


def test_an_asset_is_called_by_its_content_and_keeps_its_kind() -> None:
    digest = "0123456789abcdef" * 4
    name = "0123456789abcdef0123456789abcdef.png"
    assert asset_of("articles/圖/一.PNG", digest, 12) == Asset(name=name, type="image/png", length=12)
