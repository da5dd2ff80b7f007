// Films to choose from: those of the corpus, and those of the PACS.

import { askJson, element, forget, picture } from "./api.js";

const PAGE_OF_FILMS = 12;
const NOT_READ = ["LATERAL", "OTHER"];
const at = (id) => document.getElementById(id);

/** Pictures of the corpus in one place of the page; those before are let go. */
export class Pictures {
  #shown = [];
  #complain;

  constructor(complain) {
    this.#complain = complain;
  }

  drop() {
    this.#shown.splice(0).forEach(forget);
  }

  /** Show the picture at an address in an image. */
  async fill(image, address) {
    try {
      const found = await picture(address);
      if (!image.isConnected) {
        forget(found);
        return;
      }
      this.#shown.push(found);
      image.src = found;
    } catch (problem) {
      if (image.isConnected) this.#complain(problem);
    }
  }
}

/** List the films of the corpus; `read` is told `{ film }` of the one that is chosen. */
export function offerCorpus(read, complain) {
  const pictures = new Pictures(complain);
  let first = 0;
  const show = async (offset) => {
    const address = `/v1/corpus/films?offset=${offset}&limit=${PAGE_OF_FILMS}`;
    try {
      const { count, films } = await askJson(address);
      first = offset;
      pictures.drop();
      const items = films.map((each) => {
        const image = element("img", { alt: "" });
        const said = `Film ${each.film}, ${each.split}${each.view ? `, ${each.view}` : ""}`;
        const button = element("button", { type: "button" }, image, said);
        button.addEventListener("click", () => read({ film: each.film }));
        return { item: element("li", {}, button), image, address: each.picture };
      });
      at("corpus-films").replaceChildren(...items.map(({ item }) => item));
      for (const { image, address: of } of items) pictures.fill(image, of);
      at("corpus-said").textContent = `${offset + 1} to ${offset + films.length} of ${count} films.`;
      at("corpus-back").disabled = offset === 0;
      at("corpus-on").disabled = offset + PAGE_OF_FILMS >= count;
    } catch (problem) {
      complain(problem);
    }
  };
  at("corpus").hidden = false;
  at("corpus").addEventListener("toggle", () => {
    if (at("corpus").open && !at("corpus-films").children.length) show(0);
  });
  at("corpus-back").addEventListener("click", () => show(Math.max(0, first - PAGE_OF_FILMS)));
  at("corpus-on").addEventListener("click", () => show(first + PAGE_OF_FILMS));
}

/** Search the PACS; `read` is told `{ pacs: { study, series, instance } }` of a film. */
export function offerPacs(read, complain) {
  let search = 0; // what comes late for an earlier one is not shown
  const say = (text) => {
    at("pacs-said").textContent = text;
  };
  at("pacs").hidden = false;
  at("pacs-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const mine = ++search;
    const json = {
      patient: at("pacs-patient").value.trim(),
      first: at("pacs-first").value || null,
      last: at("pacs-last").value || null,
      modality: at("pacs-modality").value,
    };
    complain("");
    at("pacs-studies").replaceChildren();
    say("Asking the PACS …");
    try {
      const { studies, more } = await askJson("/v1/pacs/search", { json });
      if (mine !== search) return;
      at("pacs-studies").replaceChildren(...studies.map((each) => studyItem(each, read, complain)));
      const many = `${studies.length} ${studies.length === 1 ? "study" : "studies"}`;
      say(more ? `The newest ${many}. There are more: give an id, or fewer days.` : `${many} found.`);
    } catch (problem) {
      if (mine !== search) return;
      say("");
      complain(problem);
    }
  });
}

function studyItem(study, read, complain) {
  const what = [study.day || "no date", study.patient || "no id", study.modalities.join(", ")];
  if (study.description) what.push(study.description);
  const button = element("button", { type: "button" }, what.filter(Boolean).join(" · "));
  const films = element("ul", { className: "studies", hidden: true });
  const said = element("p", { className: "quiet", hidden: true });
  said.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    complain("");
    try {
      const found = await askJson("/v1/pacs/films", { json: { study: study.uid } });
      const frontal = found.films.filter((each) => !NOT_READ.includes(each.view));
      films.replaceChildren(...found.films.map((each, place) => filmItem(each, place, read)));
      films.hidden = found.films.length < 2;
      said.hidden = frontal.length > 0;
      said.textContent = "This study has no frontal chest radiograph.";
      if (frontal.length === 1) read({ pacs: placeOf(frontal[0]) });
    } catch (problem) {
      complain(problem);
    }
  });
  return element("li", {}, button, said, films);
}

function filmItem(film, place, read) {
  const name = `Film ${place + 1}${film.view ? `, ${film.view.toLowerCase()}` : ""}`;
  if (NOT_READ.includes(film.view)) return element("li", {}, `${name}: not read`);
  const button = element("button", { type: "button" }, name.replace(/pa$|ap$/, (view) => view.toUpperCase()));
  button.addEventListener("click", () => read({ pacs: placeOf(film) }));
  return element("li", {}, button);
}

function placeOf({ study, series, instance }) {
  return { study, series, instance };
}
