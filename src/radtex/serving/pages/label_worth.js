// The side panel: what more labels are worth, and a classifier made of those there are.

import { askJson, element, pause } from "./api.js";

const SVG = "http://www.w3.org/2000/svg";
const PLAN_SECONDS = 3;
const RETRAIN_SECONDS = 2;
const $ = (id) => document.getElementById(id);
let asking = false;

/** Draw the curve of the labels so far, and again while a newer one is computed. */
export async function drawPlan() {
  if (asking) return;
  asking = true;
  try {
    for (;;) {
      const plan = await askJson("/v1/plan");
      showPlan(plan);
      if (plan.state !== "running") return;
      await pause(PLAN_SECONDS);
    }
  } catch (problem) {
    say("plan-sentence", problem.message);
  } finally {
    asking = false;
  }
}

function showPlan(plan) {
  const none = plan.state === "running" ? "The curve is being computed." : "No curve yet.";
  say("plan-sentence", plan.sentence || none);
  $("plan-flags").replaceChildren(...plan.flags.map((flag) => element("li", {}, flag)));
  $("curve").replaceChildren(...(plan.expected.length > 1 ? [curveOf(plan)] : []));
}

function curveOf({ measured, expected, sentence }) {
  const [wide, high, left, low] = [320, 160, 34, 22];
  const all = [...measured, ...expected].map((each) => each.labels);
  const ends = [...measured.map((m) => m.auc), ...expected.flatMap((e) => [e.low, e.high])];
  const most = Math.max(...all, 1);
  const bottom = Math.floor(10 * Math.min(...ends)) / 10;
  const top = Math.max(Math.ceil(10 * Math.max(...ends)) / 10, bottom + 0.1);
  const x = (labels) => left + ((wide - left - 8) * labels) / most;
  const y = (auc) => 8 + ((high - low - 8) * (top - auc)) / (top - bottom);
  const path = (points) => points.map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join(" ");
  const drawing = drawn("svg", { viewBox: `0 0 ${wide} ${high}`, role: "img", "aria-label": `AUC by labels. ${sentence}` });
  const text = (tx, ty, said, anchor) => {
    const made = drawn("text", { x: tx, y: ty, "text-anchor": anchor });
    made.textContent = said;
    return made;
  };
  drawing.append(
    drawn("polygon", {
      class: "band",
      points: path([
        ...expected.map((e) => [e.labels, e.low]),
        ...expected.toReversed().map((e) => [e.labels, e.high]),
      ]),
    }),
    drawn("polyline", { class: "expected", points: path(expected.map((e) => [e.labels, e.auc])) }),
    ...measured.map((m) => drawn("circle", { class: "measured", r: 3, cx: x(m.labels), cy: y(m.auc) })),
    drawn("line", { class: "axis", x1: left, y1: high - low, x2: wide - 8, y2: high - low }),
    drawn("line", { class: "axis", x1: left, y1: 8, x2: left, y2: high - low }),
    text(left - 4, y(top) + 8, top.toFixed(1), "end"),
    text(left - 4, y(bottom), bottom.toFixed(1), "end"),
    text(left, high - 6, "0", "middle"),
    text(wide - 8, high - 6, `${Math.round(most)} labels`, "end"),
  );
  return drawing;
}

function drawn(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/** Make a classifier of the labels so far, if `begin`; say how it goes until it is made. */
export async function followRetraining(begin) {
  const button = $("retrain");
  button.disabled = true;
  try {
    let found = await askJson("/v1/retrain", begin ? { method: "POST" } : {});
    while (found.state === "running") {
      say("retrain-state", "A classifier is being made. Go on labelling meanwhile.");
      await pause(RETRAIN_SECONDS);
      found = await askJson("/v1/retrain");
    }
    const said = { idle: "None was made yet.", failed: "None was made." }[found.state] ?? "";
    const served = found.served ? " It answers films now." : "";
    say("retrain-state", `${said} ${found.said}${served}`.trim());
  } catch (problem) {
    say("retrain-state", problem.message);
  } finally {
    button.disabled = false;
  }
}

function say(id, text) {
  if ($(id).textContent !== text) $(id).textContent = text;
}
