// SPDX-License-Identifier: Apache-2.0
/**
 * The heap on the desktop is that of the board: with the same noise and the same peer, every allocation
 * and release has the same size, the same place and the same turn.
 *
 * @module
 */
import assert from "node:assert/strict";
import { it } from "mocha";
import { traceConnection } from "./traced.ts";
import type { Scenario } from "./traced.ts";

/** One test: a connection in WebAssembly and on the emulated RP2040, compared call by call. */
export function comparesHeaps(scenario: Scenario): void {
    const { version, chain, clientCertificate } = scenario;
    it(`TLS ${version}, ${chain}${clientCertificate ? ", client certificate" : ""}: the same to the byte`, async function () {
        this.timeout(240_000);
        const desktop = await traceConnection("wasm", scenario);
        const board = await traceConnection("rp2040", scenario);
        for (const [index, { call }] of desktop.entries()) {
            assert.equal(board[index]?.call, call, `call ${index} of ${desktop.length}`);
        }
        assert.equal(board.length, desktop.length);
        assert.ok(desktop.length > 50 && desktop.at(-1)?.inUse === 0);
        console.log(`      ${desktop.length} calls, peak ${desktop.at(-1)?.peak} bytes`);
    });
}
