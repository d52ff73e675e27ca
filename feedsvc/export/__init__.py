"""`feedsvc export`: the documents and pages of the service as files, for a web server, object storage or a CDN.

`plan` says which files there are and what each shows, `rendering` asks the application for them, `run` writes what
differs from the last export, and `servers` tells servers what files cannot say.
"""
