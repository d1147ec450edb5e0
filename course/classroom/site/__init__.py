"""The course as a website: home, lessons with their outputs, the instructor's guide, glossary and data dictionary.

``python -m course.classroom.site`` builds it from the files of the checkout. Nothing is written into them; lessons run
in a place of their own. The site asks nothing of any other address.
"""
