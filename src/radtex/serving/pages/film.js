// A film on a canvas: window and level, zoom, pan, inversion, and a map laid over it.

const PLAIN = { width: 255, level: 127.5, zoom: 1, x: 0, y: 0, inverted: false };
const MOST_ZOOM = 20;
const STEP = 1.25;

/** The film that is looked at. */
export class FilmView {
  #canvas;
  #context;
  #grey = null;
  #windowed = document.createElement("canvas");
  #map = null;
  #stale = true;
  #due = false;
  #state = { ...PLAIN };
  #changed;

  /** Whether a drag pans, rather than changing window and level. */
  dragPans = false;
  /** Whether the map is shown. */
  showsMap = true;

  /** Show films on `canvas`; `changed` is told of each change of the view. */
  constructor(canvas, changed) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    this.#changed = changed;
    new ResizeObserver(() => this.#draw()).observe(canvas);
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    canvas.addEventListener("pointerdown", (event) => this.#press(event));
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  /** Show a film, an ImageBitmap, as it is. */
  show(bitmap) {
    const { width, height } = bitmap;
    Object.assign(this.#windowed, { width, height });
    const context = this.#windowed.getContext("2d", { willReadFrequently: true });
    context.drawImage(bitmap, 0, 0);
    const pixels = context.getImageData(0, 0, width, height).data;
    this.#grey = Uint8Array.from({ length: width * height }, (_, place) => pixels[4 * place]);
    this.#map = null;
    this.reset();
  }

  /** Lay a map over the film, an ImageBitmap; null for none. */
  overlay(bitmap) {
    this.#map = bitmap;
    this.#draw();
  }

  get state() {
    return { ...this.#state };
  }

  reset() {
    this.#set({ ...PLAIN });
  }

  invert() {
    this.#set({ inverted: !this.#state.inverted });
  }

  toggleMap() {
    this.showsMap = !this.showsMap;
    this.#set({});
  }

  /** Zoom in one step, or out by -1, around a place of the canvas in its pixels. */
  zoom(steps, x = this.#canvas.clientWidth / 2, y = this.#canvas.clientHeight / 2) {
    const before = this.#state;
    const zoom = Math.min(MOST_ZOOM, Math.max(1, before.zoom * STEP ** steps));
    const ratio = zoom / before.zoom;
    const dx = x - this.#canvas.clientWidth / 2;
    const dy = y - this.#canvas.clientHeight / 2;
    this.#set({ zoom, x: dx - ratio * (dx - before.x), y: dy - ratio * (dy - before.y) });
  }

  #pan(dx, dy) {
    this.#set({ x: this.#state.x + dx, y: this.#state.y + dy });
  }

  #window(wider, brighter) {
    const width = Math.min(510, Math.max(2, this.#state.width + wider));
    const level = Math.min(255, Math.max(0, this.#state.level - brighter));
    this.#set({ width, level });
  }

  #set(changes) {
    const next = { ...this.#state, ...changes };
    // The film's middle stays in sight.
    const [wide, high] = this.#shown(next.zoom);
    next.x = Math.min(wide / 2, Math.max(-wide / 2, next.x));
    next.y = Math.min(high / 2, Math.max(-high / 2, next.y));
    this.#state = next;
    this.#stale = true;
    this.#draw();
    this.#changed(this);
  }

  #shown(zoom) {
    const { clientWidth, clientHeight } = this.#canvas;
    const { width, height } = this.#windowed;
    const scale = zoom * Math.min(clientWidth / width, clientHeight / height);
    return [scale * width, scale * height];
  }

  #key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const { shiftKey } = event;
    const actions = {
      "+": () => this.zoom(1),
      "=": () => this.zoom(1),
      "-": () => this.zoom(-1),
      _: () => this.zoom(-1),
      0: () => this.reset(),
      i: () => this.invert(),
      m: () => this.toggleMap(),
      arrowup: () => (shiftKey ? this.#window(0, 8) : this.#pan(0, 40)),
      arrowdown: () => (shiftKey ? this.#window(0, -8) : this.#pan(0, -40)),
      arrowleft: () => (shiftKey ? this.#window(16, 0) : this.#pan(40, 0)),
      arrowright: () => (shiftKey ? this.#window(-16, 0) : this.#pan(-40, 0)),
    };
    const action = actions[event.key.toLowerCase()];
    if (!action || !this.#grey) return;
    event.preventDefault();
    action();
  }

  #wheel(event) {
    if (!this.#grey) return;
    event.preventDefault();
    this.zoom(event.deltaY < 0 ? 1 : -1, event.offsetX, event.offsetY);
  }

  #press(event) {
    if (!this.#grey) return;
    const pans = this.dragPans || event.button !== 0;
    let { clientX, clientY } = event;
    const move = (moved) => {
      const dx = moved.clientX - clientX;
      const dy = moved.clientY - clientY;
      ({ clientX, clientY } = moved);
      if (pans) this.#pan(dx, dy);
      else this.#window(-dx, -dy / 2);
    };
    const end = () => {
      this.#canvas.removeEventListener("pointermove", move);
      this.#canvas.removeEventListener("pointerup", end);
      this.#canvas.removeEventListener("pointercancel", end);
    };
    this.#canvas.setPointerCapture(event.pointerId);
    this.#canvas.addEventListener("pointermove", move);
    this.#canvas.addEventListener("pointerup", end);
    this.#canvas.addEventListener("pointercancel", end);
  }

  #draw() {
    if (this.#due || !this.#grey) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      this.#paint();
    });
  }

  #paint() {
    if (this.#stale) this.#expose();
    const { clientWidth, clientHeight } = this.#canvas;
    const density = devicePixelRatio || 1;
    this.#canvas.width = Math.round(clientWidth * density);
    this.#canvas.height = Math.round(clientHeight * density);
    const context = this.#context;
    context.setTransform(density, 0, 0, density, 0, 0);
    const [width, height] = this.#shown(this.#state.zoom);
    const left = (clientWidth - width) / 2 + this.#state.x;
    const top = (clientHeight - height) / 2 + this.#state.y;
    context.imageSmoothingQuality = "high";
    context.drawImage(this.#windowed, left, top, width, height);
    if (this.#map && this.showsMap) context.drawImage(this.#map, left, top, width, height);
  }

  #expose() {
    this.#stale = false;
    const { width, level, inverted } = this.#state;
    const shades = Uint8ClampedArray.from({ length: 256 }, (_, grey) => {
      const shade = (255 * (grey - level + width / 2)) / width;
      return inverted ? 255 - shade : shade;
    });
    const context = this.#windowed.getContext("2d");
    const image = context.createImageData(this.#windowed.width, this.#windowed.height);
    const words = new Uint32Array(image.data.buffer);
    const grey = this.#grey;
    for (let place = 0; place < grey.length; place += 1) {
      words[place] = 0xff000000 | (shades[grey[place]] * 0x010101);
    }
    context.putImageData(image, 0, 0);
  }
}

/** Where a map is strongest, in words; "" if it is empty. */
export function strongestPlace(bitmap) {
  const side = 24;
  const canvas = new OffscreenCanvas(side, side);
  const context = canvas.getContext("2d");
  context.drawImage(bitmap, 0, 0, side, side);
  const pixels = context.getImageData(0, 0, side, side).data;
  let best = 0;
  let place = -1;
  for (let cell = 0; cell < side * side; cell += 1) {
    if (pixels[4 * cell + 3] > best) {
      best = pixels[4 * cell + 3];
      place = cell;
    }
  }
  if (place < 0) return "";
  const third = (value, names) => names[Math.floor((3 * value) / side)];
  const row = third(Math.floor(place / side), ["top", "middle", "bottom"]);
  const column = third(place % side, ["left", "middle", "right"]);
  if (row === "middle" && column === "middle") return "in the middle of the picture";
  if (row === "middle") return `at the ${column} of the picture`;
  return `at the ${row} ${column} of the picture`;
}
