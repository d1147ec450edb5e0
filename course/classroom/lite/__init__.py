"""The course in the browser alone: a JupyterLite site with every lesson and exercise, for any web server.

``python -m course.classroom.lite`` builds it. Python itself is Pyodide. Its runtime, the widgets, Altair and the course
are files of the site; numpy and pandas, which are compiled, come from the address Pyodide's makers keep them at, with
the checksum they publish, unless the site is given copies of its own.
"""
