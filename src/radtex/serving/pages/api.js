// How the pages ask the server: the token, problem details, pictures, and waiting for the models.

/** The part of the address behind `#token=`; it is kept in memory alone, and sent to nobody else. */
const token = tokenOf(location.hash);

// An address with another token, pasted into the same tab, loads nothing by itself.
addEventListener("hashchange", () => {
  if (tokenOf(location.hash) !== token) location.reload();
});

function tokenOf(hash) {
  const found = /[#&]token=([^&]*)/.exec(hash);
  if (!found) return "";
  try {
    return decodeURIComponent(found[1]);
  } catch {
    return found[1];
  }
}

/** An answer that is none; `message` is a sentence for the person in front of the page. */
export class Problem extends Error {
  constructor(status, kind, detail, seconds = 0) {
    super(detail);
    this.status = status;
    this.kind = kind;
    this.seconds = seconds;
  }
}

async function problemOf(answer) {
  const seconds = Number(answer.headers.get("Retry-After")) || 0;
  try {
    const said = await answer.json();
    if (said.detail) {
      return new Problem(answer.status, String(said.type).split(":").pop(), said.detail, seconds);
    }
  } catch {
    // Something between the server and this page answered in words of its own.
  }
  const detail = `The server did not answer as it should (${answer.status}). Please try again.`;
  return new Problem(answer.status, "unexpected", detail, seconds);
}

/**
 * Ask the server; `options` as of `fetch`, with `json` for a body.
 * @throws {Problem} if it refuses, or cannot be reached.
 */
export async function ask(address, { json, ...options } = {}) {
  const headers = new Headers(options.headers);
  if (token) headers.set("Authorization", `Bearer ${token}`);
  if (json !== undefined) {
    headers.set("Content-Type", "application/json");
    options = { method: "POST", ...options, body: JSON.stringify(json) };
  }
  let answer;
  try {
    answer = await fetch(address, { ...options, headers });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(
      0, "unreachable", "The server cannot be reached. Is it still running? Please try again.",
    );
  }
  if (!answer.ok) throw await problemOf(answer);
  return answer;
}

/** The JSON of an answer; see `ask`. */
export async function askJson(address, options) {
  return (await ask(address, options)).json();
}

/** A picture as an address for `<img>`, which cannot send a token; let it go by `forget`. */
export async function picture(address, options) {
  return URL.createObjectURL(await (await ask(address, options)).blob());
}

/** A picture to be drawn on a canvas. */
export async function bitmapOf(address) {
  return createImageBitmap(await (await ask(address)).blob());
}

export function forget(blobAddress) {
  if (blobAddress) URL.revokeObjectURL(blobAddress);
}

/** Wait until the models are loaded; `say` is told while they are not. */
export async function whenReady(say) {
  for (;;) {
    try {
      await ask("/readyz");
      return;
    } catch (problem) {
      const passes = problem.kind === "model-loading" || [0, 502].includes(problem.status);
      if (!passes) throw problem;
      say(problem.message);
    }
    await pause(1);
  }
}

export function pause(seconds) {
  return new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
}

/** An address of another page of this server, with the token. */
export function pageAddress(address) {
  return token ? `${address}#token=${encodeURIComponent(token)}` : address;
}

/** A new element: `element("p", { className: "quiet" }, "text", child)`. */
export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** Show a problem, or "" for none, in the element with role=alert; ask for the token if it is that. */
export function alertOf(place) {
  return (problem) => {
    const said = problem === "" ? "" : problem.message ?? String(problem);
    if (place.textContent !== said) place.textContent = said; // else it would be read out again
    place.hidden = said === "";
    if (problem.kind === "wrong-token" && !document.getElementById("token-form")) {
      place.after(tokenForm());
    }
  };
}

function tokenForm() {
  const input = element("input", {
    id: "token", type: "password", required: true, autocomplete: "off", spellcheck: false,
  });
  const form = element(
    "form", { id: "token-form", className: "panel" },
    element("label", { htmlFor: "token" }, "Access token"),
    input,
    element("button", { className: "first" }, "Go on"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    location.hash = `token=${encodeURIComponent(input.value.trim())}`;
    location.reload();
  });
  return form;
}
