// The reading page: a film, and what the models say of it.

import {
  Problem, alertOf, ask, askJson, bitmapOf, element, pageAddress, whenReady,
} from "./api.js";
import { FilmView } from "./film.js";
import { Pictures, offerCorpus, offerPacs } from "./film_choice.js";
import { FilmMaps } from "./film_maps.js";
import { Storing } from "./storing.js";

const MIB = 2 ** 20;
const at = (id) => document.getElementById(id);
const complain = alertOf(at("alert"));
const say = (text) => {
  at("status").textContent = text;
};

let served = null;
let source = null;
let study = null;
let reading = null;
const pictures = new Pictures(complain);

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

const storing = new Storing(() => study, complain);
const maps = new FilmMaps(view, at("map"), complain);

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
      maps.offer(item, each.map, each.text);
      return item;
    }),
  );
}

function showFindings(findings) {
  at("findings").hidden = !findings;
  if (!findings) return;
  at("reason").hidden = !findings.reason;
  at("reason").textContent = reasonOf(findings);
  const chosen = at("point").querySelector(`[value="${findings.operating_point}"]`);
  at("findings-caption").textContent =
    `Calibrated probabilities. Operating point: ${chosen.textContent}.`;
  at("findings-rows").replaceChildren(...findings.findings.map(findingRow));
}

function reasonOf({ abstained, reason }) {
  return abstained
    ? `The classifier gives no answer, because this film is ${reason}.`
    : `Please note: ${reason}.`;
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
  maps.offer(row, map, target);
  return row;
}

function showNotes(notes) {
  at("notes").hidden = notes.length === 0;
  at("notes-list").replaceChildren(...notes.map((each) => element("li", {}, each)));
}

function showNearest(nearest) {
  pictures.drop();
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
  for (const { image, address } of items) pictures.fill(image, address);
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

function requestOf({ file, film, pacs }, signal) {
  const query = `keep=true&operating_point=${at("point").value}`;
  if (pacs) return askJson(`/v1/pacs/study?${query}`, { json: pacs, signal });
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
  maps.drop();
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
  storing.offer(answer, Boolean(source.pacs));
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
  maps.drop();
  showReport(report);
  storing.offer({ ...study, report }, Boolean(source.pacs));
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
  if (served.corpus) offerCorpus(read, complain);
  if (served.pacs) offerPacs(read, complain);
  at("points").hidden = !served.models.some((each) => each.kind === "classifier");
  const named = served.models.map((each) => `${each.name} (${each.kind}, ${each.size} px)`);
  at("models").textContent = `${served.notice} Served: ${named.join(", ")}.`;
  if (!reading && !study) say("Ready. Choose a film.");
}

begin();
