// SPDX-License-Identifier: Apache-2.0
/**
 * Many connections in the smallest arena in which one passes, plus 5 %: a sample; soak.slow.ts has
 * 10,000.
 */
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { skipWithout } from "./support/processes.ts";
import { soakServers } from "./support/soak-servers.ts";
import { soak } from "./support/soak.ts";

describe("soak", function () {
    this.timeout(60_000);

    it("150 connections to a core of our own", async function () {
        skipWithout(this, "openssl");
        const { least, arena, connections } = await soak(150);
        console.log(`      ${connections} connections in ${arena} bytes, 5 % more than the least of ${least}`);
        assert.ok(arena < least * 1.06);
    });

    it("two to each of 32 kinds of servers", async function () {
        skipWithout(this, "openssl", "nginx", "gnutls-serv");
        const { least, arena, connections } = await soakServers(2);
        console.log(`      ${connections} connections in ${arena} bytes, 5 % more than the least of ${least}`);
        assert.equal(connections, 64);
    });
});
