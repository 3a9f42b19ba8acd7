// Draws charts as SVG: lines or stacked areas over time, and curves. All text is set as text, never as markup.

const svgName = "http://www.w3.org/2000/svg";

/** Makes an element with attributes and children. */
export function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "text") node.textContent = value;
    else if (key === "class") node.className = value;
    else node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

function shape(name, attributes, text) {
  const node = document.createElementNS(svgName, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

/** The smallest of 1, 2, 2.5, 5 times a power of ten that is no less than a number. */
function roundTop(most) {
  if (!(most > 0)) return 1;
  const magnitude = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 2.5, 5, 10].map(step => step * magnitude).find(top => top >= most * 0.999);
}

/**
 * A chart in a figure.
 *
 * It is told what to show with `show({ xs, lines: [{ name, style, values }], stacked, top, format, label, mark })`. The
 * newest values stand in its caption; those of another moment do while a pointer is over it, or after the arrow keys.
 */
export class Chart {
  constructor(parent, title) {
    this.title = title;
    this.chosen = null;
    this.legend = element("span", { class: "legend" });
    this.when = element("span", { class: "when" });
    this.caption = element("figcaption", {}, element("h2", { text: title }));
    this.plot = element("div", { class: "plot", tabindex: "0", role: "group", "aria-roledescription": "chart" });
    this.spoken = element("span", { class: "hidden", "aria-live": "polite" });
    this.figure = element("figure", {}, this.caption, this.plot, this.spoken);
    parent.append(this.figure);
    this.plot.addEventListener("pointermove", event => this.point(event));
    this.plot.addEventListener("pointerleave", () => this.choose(null));
    this.plot.addEventListener("blur", () => this.choose(null));
    this.plot.addEventListener("keydown", event => this.key(event));
    new ResizeObserver(() => this.draw()).observe(this.plot);
  }

  show(content) {
    this.content = content;
    if (this.chosen !== null && this.chosen >= content.xs.length) this.chosen = null;
    this.draw();
  }

  get size() {
    const style = getComputedStyle(this.plot);
    return { width: Math.max(200, this.plot.clientWidth), height: 11 * parseFloat(getComputedStyle(document.documentElement).fontSize || style.fontSize) };
  }

  point(event) {
    if (!this.places?.length) return;
    const x = event.clientX - this.plot.getBoundingClientRect().left;
    let nearest = 0;
    this.places.forEach((place, index) => {
      if (Math.abs(place - x) < Math.abs(this.places[nearest] - x)) nearest = index;
    });
    this.choose(nearest);
  }

  key(event) {
    const last = (this.content?.xs.length ?? 0) - 1;
    const from = this.chosen ?? last;
    const next = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: last }[event.key];
    if (event.key === "Escape") this.choose(null);
    if (next === undefined || last < 0) return;
    event.preventDefault();
    this.choose(Math.min(last, Math.max(0, next)));
    this.spoken.textContent = this.reading(this.chosen);
  }

  choose(index) {
    if (this.chosen === index) return;
    this.chosen = index;
    this.draw();
  }

  reading(index) {
    const { lines, xs, label, format } = this.content;
    const values = lines.map(line => line.name + " " + format(line.values[index]));
    return label(xs[index]) + ": " + values.join(", ");
  }

  draw() {
    if (!this.content) return;
    const { xs, lines, stacked, format, label } = this.content;
    const { width, height } = this.size;
    const frame = { left: 52, right: width - 6, top: 8, bottom: height - 24 };
    const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
    const shown = lines.flatMap(line => line.values).filter(value => value !== null);
    const top = this.content.top ?? roundTop(Math.max(0, ...shown));
    const [low, high] = [xs[0] ?? 0, xs[xs.length - 1] ?? 1];
    const x = value => high > low ? frame.left + (value - low) / (high - low) * (frame.right - frame.left) : frame.right;
    const y = value => frame.bottom - Math.min(1, value / top) * (frame.bottom - frame.top);
    for (let step = 0; step <= 4; step++) {
      const place = y(top * step / 4);
      svg.append(shape("line", { class: "grid", x1: frame.left, x2: frame.right, y1: place, y2: place }),
        shape("text", { x: frame.left - 8, y: place + 4, "text-anchor": "end" }, format(top * step / 4)));
    }
    this.places = xs.map(x);
    if (!shown.length) {
      svg.append(shape("text", { class: "empty", x: (frame.left + frame.right) / 2, y: (frame.top + frame.bottom) / 2,
        "text-anchor": "middle" }, this.content.empty ?? "Nothing yet"));
    } else {
      svg.append(shape("text", { x: frame.left, y: height - 6 }, label(low)),
        shape("text", { x: frame.right, y: height - 6, "text-anchor": "end" }, label(high)));
      if (this.content.mark !== undefined && this.content.mark > low && this.content.mark < high) {
        const place = x(this.content.mark);
        svg.append(shape("line", { class: "mark", x1: place, x2: place, y1: frame.top, y2: frame.bottom }),
          shape("text", { x: place, y: height - 6, "text-anchor": "middle" }, this.content.markText));
      }
      if (stacked) this.areas(svg, lines, x, y);
      else for (const line of lines) this.line(svg, line, x, y);
    }
    if (this.chosen !== null) {
      const place = this.places[this.chosen];
      svg.append(shape("line", { class: "cross", x1: place, x2: place, y1: frame.top, y2: frame.bottom }));
    }
    this.plot.replaceChildren(svg);
    this.tell();
  }

  areas(svg, lines, x, y) {
    const { xs } = this.content;
    const base = xs.map(() => 0);
    for (const line of lines) {
      const upper = line.values.map((value, index) => base[index] + (value ?? 0));
      for (const run of this.runs(line.values)) {
        const forth = run.map(index => `${x(xs[index]).toFixed(1)},${y(upper[index]).toFixed(1)}`);
        const back = run.toReversed().map(index => `${x(xs[index]).toFixed(1)},${y(base[index]).toFixed(1)}`);
        if (run.length === 1) {
          const place = x(xs[run[0]]);
          svg.append(shape("rect", { class: "area " + line.style, x: place - 2, width: 4, y: y(upper[run[0]]),
            height: Math.max(0, y(base[run[0]]) - y(upper[run[0]])) }));
        } else svg.append(shape("polygon", { class: "area " + line.style, points: forth.concat(back).join(" ") }));
      }
      line.values.forEach((_, index) => { base[index] = upper[index]; });
    }
  }

  line(svg, line, x, y) {
    const { xs } = this.content;
    for (const run of this.runs(line.values)) {
      if (run.length === 1) {
        svg.append(shape("circle", { class: "point " + line.style, cx: x(xs[run[0]]), cy: y(line.values[run[0]]), r: 3 }));
      } else {
        const points = run.map(index => `${x(xs[index]).toFixed(1)},${y(line.values[index]).toFixed(1)}`);
        svg.append(shape("polyline", { class: "line " + line.style, points: points.join(" ") }));
      }
    }
  }

  /** The places of values between gaps. */
  runs(values) {
    const runs = [[]];
    values.forEach((value, index) => {
      if (value !== null) runs[runs.length - 1].push(index);
      else if (runs[runs.length - 1].length) runs.push([]);
    });
    return runs.filter(run => run.length);
  }

  /** Writes the values of the chosen moment, or the newest, into the caption. */
  tell() {
    const { lines, xs, format, label } = this.content;
    const index = this.chosen ?? xs.length - 1;
    const entries = lines.map(line => element("span", {},
      element("i", { class: "key " + line.style, "aria-hidden": "true" }), line.name + " ",
      element("b", { text: this.content.isCurve && this.chosen === null ? "" : format(line.values[index] ?? null) })));
    const when = element("span", { class: "when", text: this.chosen === null ? "" : label(xs[index]) });
    this.caption.replaceChildren(this.caption.firstChild, ...entries, when);
    this.plot.setAttribute("aria-label", this.title + ". " + (xs.length ? this.reading(index) : "Nothing yet") +
      ". The arrow keys read other moments.");
  }
}
