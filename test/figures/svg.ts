// SPDX-License-Identifier: Apache-2.0
/**
 * Pictures as SVG text: elements, axes, and colours that can be read on light and dark pages.
 *
 * @module
 */

/** Attributes of an element; numbers are rounded to a tenth. */
type Attributes = Record<string, string | number>;

const STYLE = `
text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
.title { font-size: 14px; font-weight: 600; }
.quiet { fill: #59636e; }
.grid { stroke: #d1d9e0; stroke-width: 1; }
.page { fill: #ffffff; }
.line { fill: none; stroke: #1f2328; stroke-width: 1.2; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; }
.quiet { fill: #9198a1; }
.grid { stroke: #3d444d; }
.page { fill: #0d1117; }
.line { stroke: #e6edf3; }
}
`;

/** Colours that differ in hue and in lightness; used in this order. */
export const COLOURS = {
    setup: "#8c959f",
    keyshare: "#4c8dd6",
    certificate: "#e08a2e",
    keyexchange: "#3f9c5c",
    finished: "#a86fc4",
} as const;

const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** An element with attributes and what is in it. */
export function element(name: string, attributes: Attributes, inner = ""): string {
    const list = Object.entries(attributes).map(
        ([key, value]) => ` ${key}="${typeof value === "number" ? Math.round(value * 10) / 10 : value}"`,
    );
    return inner === "" ? `<${name}${list.join("")}/>` : `<${name}${list.join("")}>${inner}</${name}>`;
}

/** A line of text; `x`, `y` is its start on the base line unless `text-anchor` says otherwise. */
export function text(x: number, y: number, words: string, more: Attributes = {}): string {
    return element("text", { x, y, ...more }, escape(words));
}

/** A filled rectangle. */
export function box(x: number, y: number, width: number, height: number, fill: string): string {
    return element("rect", { x, y, width: Math.max(width, 0), height, fill });
}

/** A straight line of a grid. */
export function rule(x1: number, y1: number, x2: number, y2: number): string {
    return element("line", { x1, y1, x2, y2, class: "grid" });
}

/** Coloured squares with what they mean, in a row. */
export function legend(x: number, y: number, entries: [name: string, colour: string][]): string {
    let at = x;
    return entries
        .map(([name, colour]) => {
            const drawn = box(at, y - 10, 12, 12, colour) + text(at + 17, y, name, { class: "quiet" });
            at += 17 + 7 * name.length + 16;
            return drawn;
        })
        .join("\n");
}

/** A round step that divides `most` into about `parts`. */
export function niceStep(most: number, parts: number): number {
    const raw = most / parts;
    const power = 10 ** Math.floor(Math.log10(raw));
    return power * ([1, 2, 5, 10].find((factor) => factor * power >= raw) ?? 10);
}

/** A whole picture; `description` is what it says to those who do not see it. */
export function picture(width: number, height: number, description: string, elements: string[]): string {
    const open = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`;
    const page = element("rect", { width, height, rx: 6, class: "page" });
    return [open, element("title", {}, escape(description)), `<style>${STYLE}</style>`, page, ...elements, "</svg>", ""].join("\n");
}
