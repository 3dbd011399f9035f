// SPDX-License-Identifier: Apache-2.0
/**
 * 10,000 connections one after the other, over mixed servers, in the smallest arena in which one passes,
 * plus 5 %; and 1,600 to servers of others.
 */
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { skipWithout } from "./support/processes.ts";
import { soakServers } from "./support/soak-servers.ts";
import { soak } from "./support/soak.ts";

describe("soak", function () {
    this.timeout(3_600_000);

    it("10,000 connections to a core of our own", async function () {
        skipWithout(this, "openssl");
        const { least, arena, connections } = await soak(10_000);
        console.log(`      ${connections} connections in ${arena} bytes, 5 % more than the least of ${least}`);
        assert.equal(connections, 10_000);
    });

    it("50 to each of 32 kinds of servers", async function () {
        skipWithout(this, "openssl", "nginx", "gnutls-serv");
        const { least, arena, connections } = await soakServers(50);
        console.log(`      ${connections} connections in ${arena} bytes, 5 % more than the least of ${least}`);
        assert.equal(connections, 1600);
    });
});
