// The reading page: a film, and what the models say of it.

import {
  Problem, alertOf, ask, askJson, element, forget, pageAddress, picture, whenReady,
} from "./api.js";
import { FilmView, strongestPlace } from "./film.js";

const MIB = 2 ** 20;
const PAGE_OF_FILMS = 12;
const HOVER_MILLISECONDS = 120;
const at = (id) => document.getElementById(id);
const complain = alertOf(at("alert"));
const say = (text) => {
  at("status").textContent = text;
};

let served = null;
let source = null;
let study = null;
let reading = null;
let firstFilm = 0;
const pictures = { nearest: [], corpus: [] };

// --- The film.

let saying = 0;
const view = new FilmView(at("canvas"), () => {
  at("invert").setAttribute("aria-pressed", view.state.inverted);
  at("tint").setAttribute("aria-pressed", view.showsMap);
  clearTimeout(saying); // said once, when a drag has ended
  saying = setTimeout(() => {
    const { width, level, zoom, inverted } = view.state;
    at("view").textContent =
      `Window ${Math.round(width)}, level ${Math.round(level)}, ` +
      `zoom ${Math.round(100 * zoom)} %${inverted ? ", inverted" : ""}`;
  }, 250);
});

at("closer").addEventListener("click", () => view.zoom(1));
at("farther").addEventListener("click", () => view.zoom(-1));
at("invert").addEventListener("click", () => view.invert());
at("reset").addEventListener("click", () => view.reset());
at("tint").addEventListener("click", () => view.toggleMap());
at("drags").addEventListener("click", () => {
  view.dragPans = !view.dragPans;
  at("drags").setAttribute("aria-pressed", view.dragPans);
  at("canvas").classList.toggle("pans", view.dragPans);
});

async function bitmapOf(address) {
  return createImageBitmap(await (await ask(address)).blob());
}

// --- Maps: the one that is focused stays until another is; the one that is pointed at goes.

let maps = new Map();
let focused = null;
let wanted = null;
let hovering = 0;

function offerMap(place, address, name) {
  if (!address) return;
  const source = { address, name, place };
  const button = place.querySelector("button") ?? place;
  button.addEventListener("focus", () => {
    focused = source;
    showMap(source);
  });
  place.addEventListener("mouseenter", () => {
    clearTimeout(hovering);
    hovering = setTimeout(() => showMap(source), HOVER_MILLISECONDS);
  });
  place.addEventListener("mouseleave", () => {
    clearTimeout(hovering);
    hovering = setTimeout(() => showMap(focused), HOVER_MILLISECONDS);
  });
}

async function showMap(source) {
  if (wanted === source) return;
  wanted?.place.querySelector("button")?.removeAttribute("aria-current");
  wanted = source;
  if (!source) {
    view.overlay(null);
    at("map").textContent = "";
    return;
  }
  source.place.querySelector("button")?.setAttribute("aria-current", "true");
  const known = maps;
  try {
    if (!known.has(source.address)) known.set(source.address, bitmapOf(source.address));
    const bitmap = await known.get(source.address);
    if (wanted !== source) return;
    const strongest = strongestPlace(bitmap);
    view.overlay(bitmap);
    at("map").textContent = strongest
      ? `Map of “${source.name}”: strongest ${strongest}.`
      : `Nothing in the film speaks for “${source.name}”.`;
  } catch (problem) {
    known.delete(source.address);
    if (wanted !== source) return;
    wanted = null;
    complain(problem);
  }
}

function dropMaps() {
  maps = new Map();
  focused = null;
  clearTimeout(hovering);
  showMap(null);
}

// --- What is said of it.

function showReport(report) {
  at("report-none").hidden = Boolean(report?.sentences.length);
  at("report-none").textContent = report
    ? "The model wrote an empty report."
    : "No model that writes reports is served.";
  at("report-help").hidden = !report?.sentences.some((each) => each.map);
  at("sentences").replaceChildren(
    ...(report?.sentences ?? []).map((each) => {
      const button = element("button", { type: "button", className: "sentence" }, each.text);
      const item = element("li", {}, button);
      offerMap(item, each.map, each.text);
      return item;
    }),
  );
}

function showFindings(findings) {
  at("findings").hidden = !findings;
  if (!findings) return;
  at("reason").hidden = !findings.reason;
  at("reason").textContent = findings.abstained
    ? `The classifier gives no answer: ${findings.reason}`
    : findings.reason;
  const chosen = at("point").querySelector(`[value="${findings.operating_point}"]`);
  at("findings-caption").textContent =
    `Calibrated probabilities. Operating point: ${chosen.textContent}.`;
  at("findings-rows").replaceChildren(...findings.findings.map(findingRow));
}

function findingRow(finding) {
  const { target, probability, positive, threshold, map } = finding;
  const answer = positive === null ? "no answer" : positive ? "yes" : "no";
  const name = map ? element("button", { type: "button" }, target) : target;
  const row = element(
    "tr",
    {},
    element("th", { scope: "row" }, name),
    element("td", { className: "number" }, probability === null ? "–" : probability.toFixed(3)),
    element("td", { className: "number" }, threshold.toFixed(3)),
    element("td", { className: positive ? "positive" : "" }, answer),
  );
  offerMap(row, map, target);
  return row;
}

function showNotes(notes) {
  at("notes").hidden = notes.length === 0;
  at("notes-list").replaceChildren(...notes.map((each) => element("li", {}, each)));
}

/** Pictures of the corpus; those that were shown in the same place before are let go. */
async function fillPicture(kind, image, address) {
  try {
    const found = await picture(address);
    if (!image.isConnected) {
      forget(found);
      return;
    }
    pictures[kind].push(found);
    image.src = found;
  } catch (problem) {
    if (image.isConnected) complain(problem);
  }
}

function dropPictures(kind) {
  pictures[kind].splice(0).forEach(forget);
}

function showNearest(nearest) {
  dropPictures("nearest");
  at("nearest").hidden = !nearest?.length;
  const items = (nearest ?? []).map((each) => {
    const image = element("img", { alt: `Film ${each.film} of the corpus` });
    const likeness = `Film ${each.film}, likeness ${each.likeness.toFixed(3)}`;
    const item = element(
      "li", {}, element("h3", {}, likeness), image, element("p", {}, each.report),
    );
    return { item, image, address: each.picture };
  });
  at("nearest-films").replaceChildren(...items.map(({ item }) => item));
  for (const { image, address } of items) fillPicture("nearest", image, address);
}

function summary(answer) {
  const said = [];
  if (answer.report) said.push(`sentences in the report: ${answer.report.sentences.length}`);
  if (answer.findings?.abstained) said.push("the classifier gives no answer");
  else if (answer.findings) {
    const found = answer.findings.findings.filter((each) => each.positive);
    said.push(`findings: ${found.map((each) => each.target).join(", ") || "none"}`);
  }
  return `The film was read; ${said.join("; ")}.`;
}

// --- Reading.

function forgetStudy() {
  if (!study?.id) return;
  const { id } = study;
  study = null;
  // One that cannot be forgotten now is forgotten by the server before long.
  ask(`/v1/studies/${id}`, { method: "DELETE", keepalive: true }).catch(() => {});
}

function requestOf({ file, film }, signal) {
  const query = `keep=true&operating_point=${at("point").value}`;
  if (file === undefined) {
    return askJson(`/v1/corpus/films/${film}/study?${query}`, { method: "POST", signal });
  }
  const body = new FormData();
  body.append("image", file);
  return askJson(`/v1/studies?${query}`, { method: "POST", body, signal });
}

async function read(chosen) {
  reading?.abort();
  const mine = new AbortController();
  reading = mine;
  complain("");
  at("said").setAttribute("aria-busy", "true");
  try {
    const { size } = chosen.file ?? {};
    if (served && size > served.upload_bytes) {
      const most = served.upload_bytes / MIB;
      throw new Problem(
        413, "upload-too-large",
        `The file has ${Math.ceil(size / MIB)} MB, and the server takes ${most} MB. ` +
          "Choose one film, not a folder or a CT series.",
      );
    }
    await whenReady(say);
    if (mine.signal.aborted) return;
    say("Reading the film …");
    const answer = await requestOf(chosen, mine.signal);
    const bitmap = await bitmapOf(answer.film.picture);
    if (mine.signal.aborted) return;
    forgetStudy();
    source = chosen;
    study = answer;
    show(answer, bitmap);
    say(summary(answer));
  } catch (problem) {
    if (problem.name === "AbortError") return;
    say(study ? "The film that is shown is the one before." : "");
    complain(problem);
  } finally {
    if (reading === mine) {
      reading = null;
      at("said").removeAttribute("aria-busy");
    }
  }
}

function show(answer, bitmap) {
  dropMaps();
  at("film-none").hidden = true;
  at("canvas").hidden = false;
  at("tools").hidden = false;
  at("film").classList.add("full");
  const { width, height, view: position } = answer.film;
  at("canvas").setAttribute(
    "aria-label", `Film, ${position ? `${position}, ` : ""}${width} by ${height} pixels`,
  );
  view.show(bitmap);
  showReport(answer.report);
  showFindings(answer.findings);
  showNearest(answer.nearest);
  showNotes(answer.notes);
  at("answers").replaceChildren();
  at("prompt-form").hidden = !answer.report;
  at("questions").hidden = !answer.report;
  at("notice").textContent = answer.notice;
}

// --- What a person does.

at("file").addEventListener("click", () => {
  at("file").value = ""; // the same file may be chosen again
});
at("file").addEventListener("change", () => {
  const [file] = at("file").files;
  if (file) read({ file });
});
at("point").addEventListener("change", () => {
  if (source) read(source);
});

addEventListener("dragover", (event) => {
  event.preventDefault();
  at("film").classList.add("over");
});
addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) at("film").classList.remove("over");
});
addEventListener("drop", (event) => {
  event.preventDefault();
  at("film").classList.remove("over");
  const [item] = event.dataTransfer.items;
  const { files } = event.dataTransfer;
  if (files.length !== 1 || item?.webkitGetAsEntry?.()?.isDirectory) {
    complain("Drop one film, as a PNG, JPEG or DICOM file; not several, nor a folder.");
    return;
  }
  read({ file: files[0] });
});
addEventListener("pagehide", forgetStudy);

function onSubmit(form, work) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("[type=submit]");
    if (!study || button.getAttribute("aria-disabled")) return;
    complain("");
    button.setAttribute("aria-disabled", "true");
    try {
      await work(study);
    } catch (problem) {
      complain(problem);
    } finally {
      button.removeAttribute("aria-disabled");
    }
  });
}

onSubmit(at("prompt-form"), async (asked) => {
  const report = await askJson(`/v1/studies/${asked.id}/report`, {
    json: { prompt: at("prompt").value },
  });
  if (study !== asked) return;
  dropMaps();
  showReport(report);
  say(`The report was written anew: ${report.text}`);
});

onSubmit(at("question-form"), async (asked) => {
  const answer = await askJson(`/v1/studies/${asked.id}/questions`, {
    json: { question: at("question").value },
  });
  if (study !== asked) return;
  const said = `${answer.question}: ${answer.probability.toFixed(3)}`;
  at("answers").prepend(element("li", {}, said));
});

// --- The corpus.

async function showCorpus(offset) {
  const address = `/v1/corpus/films?offset=${offset}&limit=${PAGE_OF_FILMS}`;
  try {
    const { count, films } = await askJson(address);
    firstFilm = offset;
    dropPictures("corpus");
    const items = films.map((each) => {
      const image = element("img", { alt: "" });
      const said = `Film ${each.film}, ${each.split}${each.view ? `, ${each.view}` : ""}`;
      const button = element("button", { type: "button" }, image, said);
      button.addEventListener("click", () => read({ film: each.film }));
      return { item: element("li", {}, button), image, address: each.picture };
    });
    at("corpus-films").replaceChildren(...items.map(({ item }) => item));
    for (const { image, address: of } of items) fillPicture("corpus", image, of);
    at("corpus-said").textContent =
      `${offset + 1} to ${offset + films.length} of ${count} films.`;
    at("corpus-back").disabled = offset === 0;
    at("corpus-on").disabled = offset + PAGE_OF_FILMS >= count;
  } catch (problem) {
    complain(problem);
  }
}

at("corpus").addEventListener("toggle", () => {
  if (at("corpus").open && !at("corpus-films").children.length) showCorpus(0);
});
at("corpus-back").addEventListener("click", () => {
  showCorpus(Math.max(0, firstFilm - PAGE_OF_FILMS));
});
at("corpus-on").addEventListener("click", () => showCorpus(firstFilm + PAGE_OF_FILMS));

// --- The beginning.

async function begin() {
  try {
    await whenReady(say);
    served = await askJson("/v1/models");
  } catch (problem) {
    say("");
    complain(problem);
    return;
  }
  at("to-label").href = pageAddress("/label");
  at("pages").hidden = !served.label;
  at("corpus").hidden = !served.corpus;
  at("points").hidden = !served.models.some((each) => each.kind === "classifier");
  const named = served.models.map((each) => `${each.name} (${each.kind}, ${each.size} px)`);
  at("models").textContent = `${served.notice} Served: ${named.join(", ")}.`;
  if (!reading && !study) say("Ready. Choose a film.");
}

begin();
