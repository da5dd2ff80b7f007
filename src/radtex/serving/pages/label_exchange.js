// Labels as files: the table of `radtex label`, and Label Studio's JSON out and in.

import { ask, askJson, element } from "./api.js";

const FILES = {
  table: ["/v1/labels.csv", "labels.csv"],
  tasks: ["/v1/labels/label-studio", "label-studio.json"],
  interface: ["/v1/labels/label-studio.xml", "label-studio.xml"],
};
const SHOWN = 3;
const $ = (id) => document.getElementById(id);

/** Let labels be saved and brought; `brought` is called when there are others. */
export function offerExchange(brought) {
  for (const [id, [address, name]] of Object.entries(FILES)) {
    $(id).addEventListener("click", () => save(address, name));
  }
  $("bring").addEventListener("click", () => {
    $("bring").value = ""; // the same file may be chosen again
  });
  $("bring").addEventListener("change", async () => {
    const [file] = $("bring").files;
    if (file && (await bring(file))) brought();
  });
}

async function save(address, name) {
  try {
    const blob = URL.createObjectURL(await (await ask(address)).blob());
    element("a", { href: blob, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(blob), 60_000);
  } catch (problem) {
    say(problem.message);
  }
}

async function bring(file) {
  let tasks;
  try {
    tasks = JSON.parse(await file.text());
  } catch {
    tasks = null;
  }
  if (!Array.isArray(tasks)) {
    say("This is no export of Label Studio. In Label Studio, choose Export, then JSON.");
    return false;
  }
  try {
    const { taken, left_out: left } = await askJson("/v1/labels/label-studio", { json: tasks });
    const more = left.length > SHOWN ? ` And ${left.length - SHOWN} more.` : "";
    const why = left.length ? ` ${left.slice(0, SHOWN).join(" ")}${more}` : "";
    say(`${taken} ${taken === 1 ? "answer was" : "answers were"} taken.${why}`);
    return taken > 0;
  } catch (problem) {
    say(problem.message);
    return false;
  }
}

function say(text) {
  $("exchange-state").textContent = text;
}
