"""`feedsvc doctor`: checks of a deployed publication, from outside as readers see it, and of its machine.

`checks` has the table of all checks. They only read: no request changes the server, and nothing is written here.
"""
