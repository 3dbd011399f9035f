// SPDX-License-Identifier: Apache-2.0
/**
 * The plots as a picture.
 *
 * @module
 */
import type { Shape } from "./entropy_shape.ts";

const SIZE = { width: 800, height: 560, left: 70, right: 20, panel: 190 };
const INNER = SIZE.width - SIZE.left - SIZE.right;
/** Where the two plots begin, from the top. */
const TOP = { histogram: 70, autocorrelation: 330 };

const escape = (text: string): string =>
    text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

const round = (value: number): string => String(Math.round(value * 100) / 100);

/** Bars from a zero line; values are 1 for the whole height above it. */
const bars = function (values: number[], zero: number, height: number): string {
    const step = INNER / values.length;
    return values
        .map((value, index) => {
            const tall = Math.abs(value) * height;
            const y = value > 0 ? zero - tall : zero;
            const x = SIZE.left + index * step;
            const width = Math.max(0.5, step * 0.85);
            return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(tall)}"/>`;
        })
        .join("");
};

const label = function (x: number, y: number, text: string, anchor: string): string {
    return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${escape(text)}</text>`;
};

const line = function (y: number, dashes: string): string {
    const end = SIZE.width - SIZE.right;
    return `<path d="M${SIZE.left} ${round(y)}H${end}" stroke-dasharray="${dashes}"/>`;
};

const histogram = function ({ histogram: counts }: Shape): string {
    const most = Math.max(...counts);
    const zero = TOP.histogram + SIZE.panel;
    const shown = counts.map((count) => count / most);
    return [
        label(SIZE.left, TOP.histogram - 10, "Histogram: samples by value", "start"),
        `<g fill="#1f6f8b">${bars(shown, zero, SIZE.panel)}</g>`,
        line(zero, "none"),
        label(SIZE.left - 6, TOP.histogram + 12, most.toLocaleString("en-US"), "end"),
        label(SIZE.left - 6, zero, "0", "end"),
        label(SIZE.left, zero + 16, "0", "start"),
        label(SIZE.width - SIZE.right, zero + 16, String(counts.length - 1), "end"),
    ].join("\n");
};

const autocorrelation = function (shape: Shape): string {
    const { autocorrelation: values, band } = shape;
    const most = Math.max(band, ...values.map(Math.abs));
    const half = SIZE.panel / 2;
    const zero = TOP.autocorrelation + half;
    const reach = (band / most) * half;
    const title = "Autocorrelation by lag; dashed: where 99 % are if samples are independent";
    return [
        label(SIZE.left, TOP.autocorrelation - 10, title, "start"),
        `<g fill="#b5532a">${bars(values.map((value) => value / most), zero, half)}</g>`,
        line(zero, "none"), line(zero - reach, "5 4"), line(zero + reach, "5 4"),
        label(SIZE.left - 6, TOP.autocorrelation + 8, `+${most.toFixed(4)}`, "end"),
        label(SIZE.left - 6, zero + 4, "0", "end"),
        label(SIZE.left - 6, TOP.autocorrelation + SIZE.panel, `-${most.toFixed(4)}`, "end"),
        label(SIZE.left, TOP.autocorrelation + SIZE.panel + 16, "1", "start"),
        label(
            SIZE.width - SIZE.right, TOP.autocorrelation + SIZE.panel + 16, String(values.length),
            "end",
        ),
    ].join("\n");
};

/**
 * Histogram and autocorrelation as an SVG document.
 *
 * @param title - one line above them
 */
export const svgOf = function (title: string, shape: Shape): string {
    const { width, height } = SIZE;
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" \
width="${width}" height="${height}" font-family="sans-serif" font-size="12" fill="#222" stroke="none">
<title>${escape(title)}</title>
<rect width="${width}" height="${height}" fill="#fff"/>
<g font-size="15">${label(SIZE.left, 32, title, "start")}</g>
<g stroke="#444" stroke-width="0"><style>path{stroke:#444;stroke-width:1;fill:none}</style>
${histogram(shape)}
${autocorrelation(shape)}
</g>
</svg>
`;
};
