// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { comparesHeaps } from "./support/heap-equality.ts";
import { traceConnection } from "./support/traced.ts";

describe("the heap in WebAssembly and on the RP2040", () => {
    for (const version of ["1.2", "1.3"] as const) {
        for (const chain of ["ec", "rsa"] as const) comparesHeaps({ version, chain });
    }
    comparesHeaps({ version: "1.2", chain: "ec", clientCertificate: true });

    it("repeats exactly, and tells another chain from it", async () => {
        const scenario = { version: "1.2", chain: "ec" } as const;
        const [one, same, other] = [
            await traceConnection("wasm", scenario),
            await traceConnection("wasm", scenario),
            await traceConnection("wasm", { ...scenario, chain: "rsa" }),
        ];
        assert.deepEqual(one, same);
        assert.notDeepEqual(one, other);
    });
});
