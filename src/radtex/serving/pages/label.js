// The labelling page: one film after another, by keys, in the order of `radtex next`.

import {
  alertOf, askJson, element, forget, pageAddress, pause, picture,
} from "./api.js";
import { Outbox } from "./label_outbox.js";
import { offerExchange } from "./label_exchange.js";
import { drawPlan, followRetraining } from "./label_worth.js";

const ANSWERS = [[1, "Present"], [0, "Absent"], [-1, "Uncertain"]];
const READER = "radtex.reader";
const CHOOSING_SECONDS = 1;

const $ = (id) => document.getElementById(id);
const trouble = alertOf($("trouble"));
const outbox = new Outbox(showSaving);

let reader = "";
let targets = [];
let film = null; // its number; null while none is shown
let values = {};
let last = ""; // what was said last, for the status
let turn = 0; // of showing films: what comes late for an earlier one is not shown
let seconds = 0;
let since = 0;
let passed = null; // the film that was skipped last; it comes again when no other is left

// --- who labels

$("reading").href = pageAddress("/");
$("who").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = $("name").value.trim();
  if (name) begin(name);
});
$("other-reader").addEventListener("click", async () => {
  if (!(await outbox.settled())) return showSaving();
  turn += 1;
  film = null;
  sessionStorage.removeItem(READER);
  $("desk").hidden = $("reader-shown").hidden = true;
  $("who").hidden = false;
  $("name").focus();
});

const known = sessionStorage.getItem(READER);
if (known) begin(known);
else $("name").focus();

async function begin(name) {
  reader = name;
  passed = null;
  sessionStorage.setItem(READER, name);
  $("who").hidden = true;
  $("desk").hidden = $("reader-shown").hidden = false;
  $("reader-name").textContent = name;
  await showNext();
  drawPlan();
  followRetraining(false);
}

// --- films

/** Show the film that comes next, of those behind the one that was skipped. */
async function showNext() {
  const mine = ++turn;
  takeFilmAway("The next film is fetched.");
  for (;;) {
    const query = new URLSearchParams({ reader, ...(passed === null ? {} : { after: passed }) });
    let found;
    try {
      if (!targets.length) await showProgress();
      found = await askJson(`/v1/labels/next?${query}`);
      if (mine !== turn) return;
      trouble("");
      if (found.state === "ready") await show(found.film, found.picture, found.values, mine);
    } catch (problem) {
      if (mine !== turn) return;
      trouble(problem);
      await pause(Math.max(problem.seconds ?? 0, 3));
      if (mine !== turn) return;
      continue;
    }
    if (mine !== turn) return;
    if (found.state === "done" && passed !== null) {
      passed = null;
      continue;
    }
    showProgress(found).catch(trouble);
    if (found.state !== "choosing") {
      const none = { done: "There are no more films to label.", failed: "No films can be chosen." };
      if (none[found.state]) sayNoFilm(`${none[found.state]} ${found.said}`.trim());
      $("more").hidden = found.labelled === 0;
      return;
    }
    sayNoFilm("Films are being chosen; this may take a minute.");
    await pause(CHOOSING_SECONDS);
    if (mine !== turn) return;
  }
}

async function show(number, address, said, mine) {
  const shown = await picture(address);
  if (mine !== turn) return forget(shown);
  const image = $("film");
  forget(image.src);
  image.src = shown;
  image.alt = `Radiograph, film ${number}`;
  await image.decode().catch(() => {});
  if (mine !== turn) return;
  image.hidden = false;
  values = { ...said };
  film = number;
  seconds = 0;
  since = performance.now();
  $("film-title").textContent = `Film ${number}`;
  $("film-title").focus({ preventScroll: true });
  $("view").dataset.film = number;
  showValues();
  showButtons();
}

function takeFilmAway(text) {
  film = null;
  values = {};
  $("film").hidden = true;
  delete $("view").dataset.film;
  $("more").hidden = true;
  hideReport();
  sayNoFilm(text);
  showValues();
  showButtons();
}

function sayNoFilm(text) {
  $("film-title").textContent = text;
}

async function showProgress(next = null) {
  const all = await askJson("/v1/labels");
  if (!targets.length) makeFindings(all.targets);
  const own = all.readers.find((each) => each.reader === reader);
  const each = own?.seconds_per_film;
  const films = own?.films ?? 0;
  const parts = [`${films} ${films === 1 ? "film" : "films"} done`];
  if (next) parts.push(`${next.left} left of those chosen so far`);
  if (each != null) parts.push(`${each.toFixed(each < 10 ? 1 : 0)} s per film (median)`);
  const others = all.readers.length - (own ? 1 : 0);
  if (others) parts.push(`${others} other ${others === 1 ? "reader" : "readers"}`);
  $("progress").textContent = `${parts.join(", ")}.`;
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) seconds += (performance.now() - since) / 1000;
  since = performance.now();
});

// --- findings

function makeFindings(names) {
  targets = names;
  $("findings").replaceChildren(...names.map((name, place) => {
    const answers = ANSWERS.map(([value, word]) => {
      const button = element("button", { type: "button" }, word);
      button.dataset.value = value;
      button.addEventListener("click", (event) => {
        set({ [name]: values[name] === value ? null : value });
        if (event.detail) button.blur(); // a click of the mouse: space is the next film again
      });
      return button;
    });
    const key = place < 9 ? element("kbd", {}, String(place + 1)) : element("span");
    const title = element("span", { id: `finding-${place}` }, name);
    const group = element("div", { className: "choice" }, ...answers);
    const row = element("div", { className: "finding" }, key, title, group);
    row.dataset.target = name;
    group.setAttribute("role", "group");
    group.setAttribute("aria-labelledby", title.id);
    return row;
  }));
}

function showValues() {
  for (const row of $("findings").children) {
    for (const button of row.querySelectorAll("button")) {
      const pressed = values[row.dataset.target] === Number(button.dataset.value);
      button.setAttribute("aria-pressed", String(pressed));
      button.disabled = film === null;
    }
  }
}

/** Say something of the film, and save it at once. */
function set(said) {
  if (film === null || !Object.keys(said).length) return;
  for (const [name, value] of Object.entries(said)) {
    if (value === null) delete values[name];
    else values[name] = value;
  }
  const all = Object.entries(said);
  last = all.length > 3
    ? `${all.length} findings ${wordOf(all[0][1])}`
    : all.map(([name, value]) => `${name} ${wordOf(value)}`).join(", ");
  outbox.add({ reader, film, values: said });
  showValues();
}

function wordOf(value) {
  return (ANSWERS.find(([each]) => each === value)?.[1] ?? "open").toLowerCase();
}

/** Present, absent, uncertain, open, in turn. */
function turnOn(name) {
  const place = ANSWERS.findIndex(([value]) => value === values[name]);
  set({ [name]: place + 1 < ANSWERS.length ? ANSWERS[place + 1][0] : null });
}

function othersAbsent() {
  set(Object.fromEntries(targets.filter((name) => !(name in values)).map((name) => [name, 0])));
}

// --- going on

async function next() {
  if (film === null) return;
  const took = seconds + (performance.now() - since) / 1000;
  last = `Film ${film} done, ${Object.keys(values).length} of ${targets.length} findings labelled`;
  outbox.add({ reader, film, values: {}, done: true, seconds: Math.round(10 * took) / 10 });
  const mine = ++turn;
  film = null; // nothing more is said of it
  showValues();
  showButtons();
  while (!(await outbox.settled())) {
    await pause(0.2);
    if (mine !== turn) return;
  }
  if (mine !== turn) return;
  await showNext();
  drawPlan();
}

async function undo() {
  if (!(await outbox.settled())) {
    return trouble("Nothing can be undone before your answers are saved.");
  }
  const mine = ++turn;
  film = null;
  showButtons();
  try {
    const undone = await askJson("/v1/labels/undo", { json: { reader } });
    if (mine !== turn) return;
    trouble("");
    last = `Undone, at film ${undone.film}`;
    takeFilmAway("The film is fetched.");
    await show(undone.film, `/v1/corpus/films/${undone.film}/film.png`, undone.values, mine);
    showSaving();
    showProgress().catch(trouble);
  } catch (problem) {
    // Whether it was undone is not known if the server was lost: show what stands.
    await showNext();
    trouble(problem);
  }
}

/** Go on with films that have labels already, of others or of the archive. */
async function labelAnyway() {
  try {
    await askJson("/v1/labels/more", { json: { reader } });
  } catch (problem) {
    return trouble(problem);
  }
  await showNext();
}

async function skip() {
  if (film === null || !(await outbox.settled())) return;
  passed = film;
  await showNext();
}

// --- the report

async function toggleReport() {
  if (!$("report").hidden) return hideReport();
  if (film === null) return;
  const mine = turn;
  try {
    const { report } = await askJson(`/v1/corpus/films/${film}/report`);
    if (mine !== turn) return;
    $("report").textContent = report || "There is no report of this film.";
  } catch (problem) {
    return trouble(problem);
  }
  // Kept with each label: who has read it labels the report, not the film.
  last = `Report of film ${film} read`;
  outbox.add({ reader, film, values: {}, report_seen: true });
  $("report").hidden = false;
  $("show-report").textContent = "Hide the report";
  $("show-report").setAttribute("aria-expanded", "true");
  $("report").focus();
}

function hideReport() {
  $("report").hidden = true;
  $("report").textContent = "";
  $("show-report").textContent = "Show the report";
  $("show-report").setAttribute("aria-expanded", "false");
}

// --- whether it is saved

function showSaving() {
  const waiting = outbox.waiting.length;
  const lost = outbox.problem !== null && waiting > 0;
  $("unsaved").hidden = !lost;
  if (lost) {
    const many = waiting > 1 ? ` ${waiting} answers wait, and are kept here.` : " The answer is kept here.";
    $("unsaved-why").textContent = outbox.problem.message + many;
  }
  $("discard").hidden = !outbox.isRefused;
  $("said").textContent = lost ? "" : `${last ? `${last}. ` : ""}${waiting ? "Saving…" : last ? "Saved." : ""}`;
  $("said").dataset.saved = String(waiting === 0);
}

function showButtons() {
  for (const id of ["next", "rest", "skip", "show-report"]) $(id).disabled = film === null;
}

// --- keys and buttons

const ACTIONS = {
  a: othersAbsent, u: undo, s: skip, r: toggleReport, " ": next, Enter: next,
};
const BUTTONS = { next, rest: othersAbsent, undo, skip, "show-report": toggleReport };

for (const [id, act] of Object.entries(BUTTONS)) {
  $(id).addEventListener("click", (event) => {
    if (event.detail) $(id).blur();
    act();
  });
}
$("retry").addEventListener("click", () => outbox.send());
$("discard").addEventListener("click", () => outbox.discard());
$("retrain").addEventListener("click", () => followRetraining(true));
$("more").addEventListener("click", labelAnyway);
offerExchange(() => {
  showProgress().catch(trouble);
  drawPlan();
});

addEventListener("keydown", (event) => {
  if ($("desk").hidden || !$("keys").checked) return;
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (event.target.closest("input:not([type=checkbox]), select, textarea")) return;
  const pressing = event.key === " " || event.key === "Enter";
  if (pressing && event.target.closest("button, a, summary, input")) return;
  const place = "123456789".indexOf(event.key);
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const act = place >= 0 && place < targets.length ? () => turnOn(targets[place]) : ACTIONS[key];
  if (!act) return;
  event.preventDefault();
  act();
});
