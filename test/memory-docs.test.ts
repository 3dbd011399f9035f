// SPDX-License-Identifier: Apache-2.0
/** The memory figures: within their targets, and as docs/MEMORY.md says. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { measureMemory } from "./support/measure.ts";
import { measureParts } from "./support/measure-parts.ts";
import type { Figures } from "./support/measure.ts";

const text = readFileSync(fileURLToPath(new URL("../../docs/MEMORY.md", import.meta.url)), "utf8");
const number = (cell: string | undefined): number => Number((cell ?? "").replaceAll(",", ""));

/** The cells of the tables' rows. */
const rows = text
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) => line.split("|").map((cell) => cell.trim()));

describe("memory figures", () => {
    let figures: Figures;

    before(async function () {
        this.timeout(120000);
        figures = { ...(await measureMemory()), ...(await measureParts()) };
    });

    for (const row of rows) {
        const key = /^`(heap\.[a-z0-9.]+)`$/.exec(row[2] ?? "")?.[1];
        if (key === undefined) continue;
        it(`${key} is ${row[5]}, at most ${row[4]}`, () => {
            const measured = figures[key] as number;
            assert.ok(measured <= number(row[4]), `${measured} is over the target`);
            assert.equal(measured, number(row[5]), "docs/MEMORY.md has another figure");
        });
    }

    const parts = rows.filter((row) => /^`[a-z0-9.]+`$/.test(row[3] ?? ""));
    for (const [, what, bytes, key = ""] of parts) {
        it(`${what ?? ""}: ${bytes ?? ""}`, () => assert.equal(figures[key.slice(1, -1)], number(bytes)));
    }

    for (const row of rows) {
        const phase = row[1] ?? "";
        if (!["setup", "hello", "certificate", "keyexchange", "data"].includes(phase)) continue;
        it(`the peaks of phase ${phase}`, () => {
            const shapes = ["tls12.ec", "tls12.rsa", "tls13.ec", "tls13.rsa"];
            const measured = shapes.map((shape) => figures[`heap.wasm.${shape}.${phase}`]);
            assert.deepEqual(measured, row.slice(3, 7).map(number));
        });
    }

    it("all eight figures, nine parts and five phases are in the tables", () => {
        assert.equal(parts.length, 9);
        assert.equal(rows.filter((row) => /^`heap\./.test(row[2] ?? "")).length, 8);
        assert.equal(rows.filter((row) => row.length === 8 && /^[a-z]+$/.test(row[1] ?? "")).length, 6);
    });
});
