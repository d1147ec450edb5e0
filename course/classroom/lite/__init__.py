"""The course in the browser alone: a JupyterLite site with every lesson and exercise, for any web server.

``python -m course.classroom.lite`` builds it. Python itself is Pyodide. Its runtime, the widgets, numpy, pandas, Altair
and the course are files of the site: a learner's browser asks no other address.
"""
