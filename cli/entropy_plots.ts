// SPDX-License-Identifier: Apache-2.0
/**
 * Plots of a terminal's characters.
 *
 * @module
 */
import type { Shape } from "./entropy_shape.ts";

/** Columns of a plot. */
const WIDTH = 64;
/** Rows of a histogram, and of each half of an autocorrelation. */
const ROWS = { histogram: 8, half: 4 };
const EIGHTHS = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/** Joins neighbours until there are at most {@link WIDTH} columns: the sums. */
const narrow = function (values: number[]): number[] {
    if (values.length <= WIDTH) return values;
    const pairs = values.filter((_, index) => index % 2 === 0);
    return narrow(pairs.map((value, index) => value + (values[2 * index + 1] ?? 0)));
};

const rows = function (count: number, line: (row: number) => string): string[] {
    return Array.from({ length: count }, (_, row) => line(row));
};

/** A histogram: from no samples below to the most common value above. */
export const histogramLines = function ({ histogram }: Shape): string[] {
    const columns = narrow(histogram);
    const wide = Math.min(8, Math.floor(WIDTH / columns.length));
    const most = Math.max(...columns);
    const label = most.toLocaleString("en-US");
    const margin = " ".repeat(label.length);
    const lines = rows(ROWS.histogram, (row) => {
        const base = ROWS.histogram - 1 - row;
        const cells = columns.map((value) => {
            const level = Math.round(((value / most) * ROWS.histogram - base) * 8);
            const seen = base === 0 && value > 0 ? Math.max(1, level) : level;
            const bar = EIGHTHS[Math.max(0, Math.min(8, seen))] ?? "";
            return wide > 1 ? `${bar.repeat(wide - 1)} ` : bar;
        });
        return `${row === 0 ? label : margin} │${cells.join("")}`.trimEnd();
    });
    const last = String(histogram.length - 1);
    const width = columns.length * wide;
    return [
        ...lines,
        `${margin} └${"─".repeat(width)}`,
        `${margin}  0${last.padStart(width - 1)}`,
    ];
};

/** A bar up or down from the middle line, in half characters. */
const cell = function (value: number, row: number): string {
    const up = row < ROWS.half;
    const base = up ? ROWS.half - 1 - row : row - ROWS.half;
    const level = Math.round(((up ? value : -value) * ROWS.half - base) * 2);
    if (level <= 0) return " ";
    if (level >= 2) return "█";
    return up ? "▄" : "▀";
};

/** Correlations by their lag; its scale ends where the largest one does, or the 99 % band. */
export const autocorrelationLines = function ({ autocorrelation, band }: Shape): string[] {
    const top = Math.max(band, ...autocorrelation.map(Math.abs));
    const label = top.toFixed(4);
    const lines = rows(2 * ROWS.half, (row) => {
        const cells = autocorrelation.map((value) => cell(value / top, row));
        const edge = row === 0 ? `+${label}` : row === 2 * ROWS.half - 1 ? `-${label}` : "";
        return `${edge.padStart(label.length + 1)} │${cells.join("")}`.trimEnd();
    });
    const margin = " ".repeat(label.length + 1);
    const width = autocorrelation.length;
    lines.splice(ROWS.half, 0, `${"0".padStart(label.length + 1)} ┼${"─".repeat(width)}`);
    return [...lines, `${margin}  1${String(width).padStart(width - 1)}`];
};
