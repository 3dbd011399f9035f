// SPDX-License-Identifier: Apache-2.0
/**
 * The pictures of docs/FIGURES.md, drawn from docs/figures.json.
 *
 * @module
 */
import { PHASES } from "../support/meter.ts";
import type { Phase } from "../support/meter.ts";
import { COLOURS, box, element, legend, niceStep, picture, rule, text } from "./svg.ts";
import type { FigureFile, Kind, Sample } from "./file.ts";
import { KINDS, kindName, thousands } from "./file.ts";

const WIDTH = 820;
const CYCLES_PER_MS = 125000; // at 125 MHz, the RP2040's usual clock
const PHASE_LEGEND = PHASES.map((phase) => [phase, COLOURS[phase]] as [string, string]);

const colourOf = (phase: Phase): string => (phase === "data" ? COLOURS.setup : COLOURS[phase]);

/** One handshake's heap: what was in use during each call, and the most within it, over time. */
function heapPanel(kind: Kind, samples: Sample[], x: number, y: number, most: number): string[] {
    const [width, height] = [340, 190];
    const total = samples.reduce((sum, [, cycles]) => sum + cycles, 0);
    const up = (bytes: number): number => y + height - (bytes / most) * height;
    const drawn: string[] = [];
    const step = niceStep(most, 4);
    for (let bytes = 0; bytes <= most; bytes += step) {
        drawn.push(rule(x, up(bytes), x + width, up(bytes)));
        drawn.push(text(x - 6, up(bytes) + 4, thousands(bytes), { "text-anchor": "end", class: "quiet" }));
    }
    let at = x;
    let path = "";
    for (const [phase, cycles, inUse, peak] of samples) {
        const wide = (cycles / total) * width;
        drawn.push(box(at, up(peak), wide, (peak / most) * height, colourOf(phase)));
        path += `${path === "" ? "M" : "L"}${at.toFixed(1)} ${up(inUse).toFixed(1)}H${(at + wide).toFixed(1)}`;
        at += wide;
    }
    drawn.push(element("path", { d: path, class: "line" }));
    drawn.push(text(x, y - 10, kindName(kind), { class: "title" }));
    const peak = Math.max(...samples.map((sample) => sample[3]));
    drawn.push(text(x + width, y - 10, `peak ${thousands(peak)} B`, { "text-anchor": "end" }));
    const seconds = (total / CYCLES_PER_MS / 1000).toFixed(1);
    drawn.push(text(x + width, y + height + 16, `${seconds} s`, { "text-anchor": "end", class: "quiet" }));
    return drawn;
}

/** Heap over the handshake, on the RP2040. */
export function heapChart({ traces }: FigureFile): string {
    const most = Math.max(...Object.values(traces).flatMap((samples) => samples.map((sample) => sample[3])));
    const high = Math.ceil(most / 2000) * 2000;
    const panels = KINDS.flatMap((kind, i) =>
        heapPanel(kind, traces[kind], 60 + (i % 2) * 400, 80 + Math.floor(i / 2) * 250, high));
    return picture(WIDTH, 590, "Heap over the handshake on the RP2040, by phase", [
        text(16, 26, "Heap over the handshake, RP2040 at 125 MHz: bytes over time", { class: "title" }),
        ...panels,
        legend(60, 555, PHASE_LEGEND),
        text(60, 578, "Areas: the most in use during each call. Line: in use after it.", { class: "quiet" }),
    ]);
}

/** Cycles of each handshake by phase, on the RP2040. */
export function cyclesChart({ figures }: FigureFile): string {
    const totals = KINDS.map((kind) => figures[`cycles.rp2040.${kind}.total`] ?? 0);
    const most = Math.max(...totals);
    const [left, width, high] = [110, 600, 46];
    const scale = width / most;
    const drawn: string[] = [];
    const step = niceStep(most, 6);
    for (let cycles = 0; cycles <= most; cycles += step) {
        drawn.push(rule(left + cycles * scale, 44, left + cycles * scale, 60 + KINDS.length * high));
        drawn.push(text(left + cycles * scale, 76 + KINDS.length * high, `${cycles / 1e6} M`, { "text-anchor": "middle", class: "quiet" }));
    }
    KINDS.forEach((kind, row) => {
        let at = left;
        const y = 54 + row * high;
        drawn.push(text(left - 10, y + 20, kindName(kind), { "text-anchor": "end" }));
        for (const phase of PHASES) {
            const wide = (figures[`cycles.rp2040.${kind}.${phase}`] ?? 0) * scale;
            drawn.push(box(at, y, wide, 30, COLOURS[phase]));
            at += wide;
        }
        drawn.push(text(at + 6, y + 20, `${((totals[row] ?? 0) / 1e6).toFixed(0)} M`));
    });
    return picture(WIDTH, 300, "Cycles of a handshake by phase on the RP2040", [
        text(16, 26, "Cycles of a verified handshake by phase, RP2040", { class: "title" }),
        ...drawn,
        legend(left, 286, PHASE_LEGEND),
    ]);
}

/** Flash of the RP2040's images by module, the largest ones. */
export function flashChart({ figures }: FigureFile): string {
    const [full, small] = ["flash.rp2040.full", "flash.rp2040.small"];
    const modules = Object.keys(figures)
        .filter((key) => key.startsWith(`${full}.`))
        .map((key) => key.slice(full.length + 1))
        .sort((a, b) => (figures[`${full}.${b}`] ?? 0) - (figures[`${full}.${a}`] ?? 0))
        .slice(0, 24);
    const most = figures[`${full}.${modules[0]}`] ?? 1;
    const [left, width, high] = [190, 540, 22];
    const scale = width / most;
    const drawn = modules.flatMap((module, row) => {
        const y = 44 + row * high;
        const [inFull, inSmall] = [figures[`${full}.${module}`] ?? 0, figures[`${small}.${module}`] ?? 0];
        return [
            text(left - 8, y + 13, module.replace(".", "/"), { "text-anchor": "end" }),
            box(left, y + 1, inFull * scale, 8, COLOURS.keyshare),
            box(left, y + 10, inSmall * scale, 8, COLOURS.certificate),
            text(left + Math.max(inFull, inSmall) * scale + 6, y + 13, thousands(inFull), { class: "quiet" }),
        ];
    });
    const bottom = 60 + modules.length * high;
    return picture(WIDTH, bottom + 20, "Flash of the RP2040's images by module", [
        text(16, 26, "Flash of the RP2040's images by module, bytes", { class: "title" }),
        ...drawn,
        legend(left, bottom + 4, [
            [`full, ${thousands(figures[full] ?? 0)} in all`, COLOURS.keyshare],
            [`small, ${thousands(figures[small] ?? 0)} in all`, COLOURS.certificate],
        ]),
    ]);
}
