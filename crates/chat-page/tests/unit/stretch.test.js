import assert from "node:assert/strict";
import test from "node:test";

import { Stretch } from "../../web/model/stretch.js";
import { message, messages } from "./fixtures.js";

test("a stretch follows the newest line, and has a bounded length", () => {
  const stretch = new Stretch();
  assert.deepEqual(stretch.range(messages(1, 20)), { start: 0, end: 20 });
  assert.deepEqual(stretch.range(messages(1, 1000)), { start: 700, end: 1000 });
  assert.deepEqual(stretch.range(messages(1, 1001)), { start: 701, end: 1001 });
  assert.equal(stretch.followsNewest, true);
});

test("it moves up by steps to the first line, and back down until it follows again", () => {
  const items = messages(1, 650);
  const stretch = new Stretch();
  const starts = [];
  while (stretch.hasAbove(items)) {
    stretch.moveUp(items);
    starts.push(stretch.range(items).start);
  }
  assert.deepEqual(starts, [250, 150, 50, 0]);
  const ends = [];
  while (!stretch.followsNewest) {
    stretch.moveDown(items);
    ends.push(stretch.range(items).end);
  }
  assert.deepEqual(ends, [400, 500, 600, 650]);
});

test("standing still it keeps its lines, whatever comes before or after", () => {
  const items = messages(101, 1000);
  const stretch = new Stretch();
  stretch.moveUp(items);
  const { end } = stretch.range(items);
  assert.equal(items[end - 1].seq, 900);
  items.push(message(1001));
  assert.equal(stretch.range(items).end, end);
  items.unshift(...messages(1, 100));
  assert.equal(items[stretch.range(items).end - 1].seq, 900);
  stretch.follow();
  assert.equal(stretch.range(items).end, items.length);
});

test("a line can be put into the middle", () => {
  const items = messages(1, 1000);
  const stretch = new Stretch();
  stretch.center(items, 500);
  assert.deepEqual(stretch.range(items), { start: 350, end: 650 });
  stretch.center(items, 950);
  assert.equal(stretch.followsNewest, true);
});

test("without lines there is nothing to show", () => {
  assert.deepEqual(new Stretch().range([]), { start: 0, end: 0 });
});
