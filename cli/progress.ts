// SPDX-License-Identifier: Apache-2.0
/**
 * A progress bar of one line, for terminals only.
 *
 * @module
 */
import type { Screen } from "./terminal.ts";

/** Shorter transfers show nothing, milliseconds. */
const DELAY = 300;
/** Between two drawings, milliseconds. */
const INTERVAL = 100;
const WIDTH = 24;

/** Where the bar is drawn. */
export interface ProgressStream extends Screen {
    columns?: number | undefined;
    write(text: string): unknown;
}

/** `812 B`, `14.2 KB`, `3.4 MB`; a KB is 1000 bytes, as networks count. */
export const size = function (count: number): string {
    if (count < 1000) return `${Math.round(count)} B`;
    const units = ["KB", "MB", "GB", "TB"];
    let value = count / 1000;
    let unit = 0;
    // 999.95 would be written as 1000.0.
    while (value >= 999.95 && unit < units.length - 1) {
        value /= 1000;
        unit += 1;
    }
    return `${value.toFixed(1)} ${units[unit]}`;
};

/** The line that is shown: share and bar when the whole is known, bytes, rate. */
export const progressLine = function (done: number, total: number | undefined, ms: number): string {
    const rate = `${size((done / Math.max(ms, 1)) * 1000)}/s`;
    if (!total) return `${size(done)}  ${rate}`;
    const share = Math.min(1, done / total);
    const bar = "#".repeat(Math.floor(share * WIDTH)).padEnd(WIDTH, "-");
    const percent = `${Math.floor(share * 100)}%`.padStart(4);
    return `${percent} [${bar}]  ${size(done)} of ${size(total)}  ${rate}`;
};

/** Draws how far a transfer is. Does nothing where there is no terminal. */
export class Progress {
    private readonly stream: ProgressStream | undefined;
    private readonly started = performance.now();
    private readonly total: number | undefined;
    private timer: NodeJS.Timeout | undefined;
    private done = 0;
    private drawn = false;

    /**
     * @param stream - where to draw; undefined for nowhere
     * @param total - the bytes to come, if that is known
     */
    constructor(stream: ProgressStream | undefined, total: number | undefined) {
        this.stream = stream?.isTTY ? stream : undefined;
        this.total = total;
        if (!this.stream) return;
        this.timer = setTimeout(() => {
            this.draw();
            this.timer = setInterval(() => this.draw(), INTERVAL);
            this.timer.unref();
        }, DELAY);
        this.timer.unref();
    }

    /** So many bytes more have come. */
    add(count: number): void {
        this.done += count;
    }

    /** Takes the bar away. */
    stop(): void {
        clearTimeout(this.timer);
        if (this.drawn) this.stream?.write("\r\x1b[K");
        this.drawn = false;
    }

    private draw(): void {
        const text = progressLine(this.done, this.total, performance.now() - this.started);
        this.stream?.write(`\r${text.slice(0, (this.stream.columns || 80) - 1)}\x1b[K`);
        this.drawn = true;
    }
}

/** `estimates   45% [##########--------------]  12 s left`. */
export const shareLine = function (label: string, share: number, ms: number): string {
    const bar = "#".repeat(Math.floor(share * WIDTH)).padEnd(WIDTH, "-");
    const percent = `${Math.floor(share * 100)}%`.padStart(4);
    const left = Math.ceil((ms * (1 - share)) / Math.max(share, 0.001) / 1000);
    return `${label} ${percent} [${bar}]  ${left} s left`;
};

/** Draws how much of a calculation is done. Does nothing where there is no terminal. */
export class ShareProgress {
    private readonly stream: ProgressStream | undefined;
    private readonly label: string;
    private readonly started = performance.now();

    /**
     * @param stream - where to draw
     * @param label - what is being done
     */
    constructor(stream: ProgressStream, label: string) {
        this.stream = stream.isTTY ? stream : undefined;
        this.label = label;
        this.show(0);
    }

    /** So much is done, 0 to 1. */
    show(share: number): void {
        if (!this.stream) return;
        const text = shareLine(this.label, share, performance.now() - this.started);
        this.stream.write(`\r${text.slice(0, (this.stream.columns || 80) - 1)}\x1b[K`);
    }

    /** Takes the bar away. */
    stop(): void {
        this.stream?.write("\r\x1b[K");
    }
}
