"""What every view shares (`course/widgets/common.js`), against a model that answers as the test wishes."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from course.widgets.base import HERE

pytestmark = pytest.mark.browser

# A model that holds a state and keeps what it is sent, and a view with one control, as every widget makes one.
VIEW = """
class Model {
  constructor(storage_key) {
    this.values = { fixed: { storage_key }, state: { version: 1, handled: {}, messages: [], word: 'blank' } };
    this.heard = [];
    this.sent = [];
  }
  get(name) { return this.values[name]; }
  set(name, value) { this.values[name] = value; this.tell(`change:${name}`); }
  on(event, callback) { this.heard.push([event, callback]); }
  off(event, callback) { this.heard = this.heard.filter((listener) => listener[1] !== callback); }
  send(message) { this.sent.push(message); }
  tell(event, ...values) { for (const [name, callback] of this.heard) if (name === event) callback(...values); }
}
function build({ kernel }) {
  const control = el('input', { type: 'text', ...SUPPRESS });
  control.addEventListener('change', () => kernel.send('write', { word: control.value }));
  return {
    content: [form({}, labelled('Word', control))],
    show(state, answered) { if (answered) setValue(control, state.word); },
  };
}
window.open_ = (storage_key) => {
  const model = new Model(storage_key);
  const root = el('div');
  document.body.replaceChildren(root);
  const forget = followState({ model });
  const close = openView({ model, el: root }, 'cf-test', 'Test', build);
  window.model = model;
  window.close_ = () => { close(); forget(); };
};
"""


@pytest.fixture
def view(page: Page) -> Page:
    """A page of its own address, so that the tab keeps things for it, with the shared script."""

    def blank(route: Route) -> None:
        route.fulfill(content_type="text/html", body="<!doctype html><html lang=en><body></body></html>")

    page.route("http://localhost/**", blank)
    page.goto("http://localhost/")
    page.add_script_tag(content=(HERE / "common.js").read_text(encoding="utf-8") + VIEW)
    return page


def write(view: Page, word: str) -> None:
    view.get_by_label("Word").fill(word)
    view.get_by_label("Word").press("Tab")


def sent(view: Page) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = view.evaluate("model.sent")
    return messages


def test_what_a_lost_kernel_was_not_told_is_told_by_the_next_view_of_that_ledger(view: Page) -> None:
    view.evaluate("open_('Widget-ledger')")
    write(view, "first")
    view.evaluate(
        "model.tell('msg:custom', { type: 'state', merge: {}, set: { version: 2, handled: "
        "{ [model.sent[0].view]: 1 }, word: 'first' } })"
    )
    write(view, "second")
    view.evaluate("close_(); open_('Widget-other')")
    assert sent(view) == []
    view.evaluate("close_(); open_('Widget-ledger')")
    assert [(message["type"], message["word"]) for message in sent(view)] == [("write", "second")]
    expect(view.get_by_role("alert")).to_contain_text("has been put in now")


def test_without_a_file_nothing_is_kept_for_later(view: Page) -> None:
    view.evaluate("open_('')")
    write(view, "first")
    view.evaluate("close_(); open_('')")
    assert sent(view) == []


def test_a_whole_state_that_comes_late_is_asked_for_anew(view: Page) -> None:
    view.evaluate("open_('Widget-ledger')")
    view.evaluate("model.tell('msg:custom', { type: 'state', merge: {}, set: { version: 3, word: 'new' } })")
    expect(view.get_by_label("Word")).to_have_value("new")
    view.evaluate("model.set('state', { version: 2, handled: {}, messages: [], word: 'old' })")
    assert sent(view) == [{"type": "again"}]
    view.evaluate("model.tell('msg:custom', { type: 'state', merge: {}, set: { version: 4, word: 'newest' } })")
    expect(view.get_by_label("Word")).to_have_value("newest")
    assert len(sent(view)) == 1


def test_a_control_keeps_what_is_typed_until_the_kernel_has_answered(view: Page) -> None:
    view.evaluate("open_('Widget-ledger')")
    write(view, "mine")
    view.evaluate("model.tell('msg:custom', { type: 'state', merge: {}, set: { version: 2, word: 'theirs' } })")
    expect(view.get_by_label("Word")).to_have_value("mine")


def test_what_the_ledger_has_to_say_is_said(view: Page) -> None:
    view.evaluate("open_('Widget-ledger')")
    view.evaluate(
        "model.tell('msg:custom', { type: 'state', merge: {}, set: { version: 2, messages: ['Not kept.'] } })"
    )
    expect(view.get_by_role("status")).to_have_text("Not kept.")
