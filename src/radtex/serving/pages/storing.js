// What is said of a film of the PACS is stored there, beside the film.

import { askJson, element } from "./api.js";

const at = (id) => document.getElementById(id);

/**
 * Offer to store results in the PACS.
 * `asked` gives the study that is shown, or null; `complain` is told of a wrong token.
 */
export class Storing {
  #asked;
  #complain;

  constructor(asked, complain) {
    this.#asked = asked;
    this.#complain = complain;
    at("store-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#store();
    });
  }

  /** Offer it for what was said of a film, if that is of the PACS. */
  offer({ findings, report }, ofPacs) {
    at("storing").hidden = !(ofPacs && (findings || report));
    at("stored").textContent = "";
    at("store-what").textContent = findings
      ? "A structured report of the findings, and the picture of a map if you choose one"
      : "The picture of a map";
    const option = (value, name) => element("option", { value }, name);
    const choices = [option("", "none")];
    (findings?.findings ?? []).forEach(({ map, target }, place) => {
      if (map) choices.push(option(`target ${place}`, target));
    });
    (report?.sentences ?? []).forEach(({ map, text }, place) => {
      if (map) choices.push(option(`sentence ${place}`, `Sentence ${place + 1}: ${text}`));
    });
    at("store-map").replaceChildren(...choices);
  }

  async #store() {
    const study = this.#asked();
    const button = at("store");
    if (!study || button.getAttribute("aria-disabled")) return;
    at("stored").textContent = "Storing …";
    button.setAttribute("aria-disabled", "true");
    const [kind, place] = at("store-map").value.split(" ");
    const picture = kind ? { [kind]: Number(place) } : {};
    let said = "";
    try {
      said = (await askJson("/v1/pacs/results", { json: { id: study.id, ...picture } })).said;
    } catch (problem) {
      if (problem.kind === "wrong-token") this.#complain(problem);
      said = `Not stored. ${problem.message}`;
    } finally {
      button.removeAttribute("aria-disabled");
    }
    if (this.#asked() === study) at("stored").textContent = said;
  }
}
