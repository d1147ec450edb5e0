"""Run in the browser, in the learner's own namespace, before the first cell; it leaves no name behind."""

if __name__ == "__main__":
    from IPython import get_ipython as _shell

    from course import in_browser as _in_browser

    _in_browser.begin(_shell())
    del _shell, _in_browser
