// SPDX-License-Identifier: Apache-2.0
/**
 * x509-limbo, the public suite of certificate chains (C2SP, Apache-2.0), judged by
 * etls_session_verify. Its cases are not part of this repository: the test looks for them at
 * ../shared/limbo/limbo.json, seen from the repository or from the checkout that a work tree
 * belongs to, or where the variable LIMBO says. `trust-rules.test.ts` shows the same rules without it.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, describe, it } from "mocha";
import {
    CLIENT, ENTRY_CONTEXT_ADD_CA, ENTRY_CONTEXT_FREE, ENTRY_CONTEXT_SET, ENTRY_SESSION_FREE,
    ENTRY_SESSION_NEW, ENTRY_SESSION_VERIFY, OPTION_IN_PLACE, OPTION_MAX_PATH, OPTION_TIME,
    OPTION_VERIFY, SERVER, VERIFY_OPTIONAL, VERIFY_REQUIRED,
} from "../modules/abi.gen.ts";
import { Core, derOf } from "./support/abi.ts";
import { cachedPki, projectFolder } from "./support/pki.ts";
import type { Pki } from "./support/pki.ts";

interface Case {
    id: string;
    features: string[];
    trusted_certs: string[];
    untrusted_intermediates: string[];
    peer_certificate: string;
    validation_time: string | null;
    validation_kind: "SERVER" | "CLIENT";
    expected_peer_name: { kind: "DNS" | "IP" | "RFC822"; value: string } | null;
    max_chain_depth: number | null;
    expected_result: "SUCCESS" | "FAILURE";
}

/** Where we differ otherwise: each contradicts another case. docs/TRUST-STORE.md lists these and all that are accepted. */
const DIFFERENCES = [
    "rfc5280::ca-as-leaf", "pathlen::validation-ignores-pathlen-in-leaf", "rfc5280::nc::permitted-dns-match-noncritical",
];

/** Cases stricter than the web's practice, and those about revocation, which is not looked at. */
const mayAccept = ({ features }: Case): boolean =>
    features.some((feature) => feature.startsWith("pedantic-") || feature === "has-crl");

const MOST_PATH = 10; // ETLS_MAX_CHAIN

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

const mainCheckout = (): string => {
    try {
        const git = ["rev-parse", "--path-format=absolute", "--git-common-dir"];
        return dirname(execFileSync("git", git, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim());
    } catch {
        return root; // no git: an unpacked archive
    }
};

const findSuite = (): string | undefined =>
    [
        process.env["LIMBO"],
        ...[root, mainCheckout()].map((folder) => join(folder, "../shared/limbo/limbo.json")),
    ].find((file) => file !== undefined && existsSync(file));

let core: Core;
let pki: Pki;

/** Keeps bytes for this case alone, at an address. */
const keep = (data: Uint8Array): number => {
    const address = core.binding.keep?.(Buffer.from(data).toString("latin1")) ?? 0;
    assert.notEqual(address, 0, "no room in the store");
    return address;
};

const makeContext = (one: Case): number => {
    const server = one.validation_kind === "SERVER";
    const context = server ? core.context(CLIENT) : core.context(SERVER, pki.ec);
    const set = (option: number, value: number): void =>
        assert.equal(core.call(ENTRY_CONTEXT_SET, context, option, value), 0);
    set(OPTION_VERIFY, server && !one.expected_peer_name ? VERIFY_OPTIONAL : VERIFY_REQUIRED);
    set(OPTION_IN_PLACE, 1);
    if (one.max_chain_depth !== null) set(OPTION_MAX_PATH, Math.min(one.max_chain_depth, MOST_PATH));
    if (one.validation_time) set(OPTION_TIME, Math.floor(Date.parse(one.validation_time) / 1000));
    for (const pem of one.trusted_certs) {
        // A store leaves out what nobody could use; what is missed then is missed below.
        const der = derOf(pem);
        const added = core.call(ENTRY_CONTEXT_ADD_CA, context, keep(der), der.length);
        assert.ok(added === 0 || added === "BAD_CERTIFICATE", String(added));
    }
    return context;
};

/** `GOOD`, or the name of the error. */
const judge = (one: Case): string => {
    const context = makeContext(one);
    const name = one.validation_kind === "SERVER" ? one.expected_peer_name?.value ?? "" : "";
    const put = core.binding.put(name, 0, name.length);
    const session = core.call(ENTRY_SESSION_NEW, context, name ? put : 0, name.length);
    let result: string | number = session;
    if (typeof session === "number") {
        const chain = Buffer.concat([one.peer_certificate, ...one.untrusted_intermediates].map(derOf));
        result = core.call(ENTRY_SESSION_VERIFY, session, keep(chain), chain.length);
        core.call(ENTRY_SESSION_FREE, session);
    }
    core.call(ENTRY_CONTEXT_FREE, context);
    return result === 0 ? "GOOD" : String(result);
};

const suite = findSuite();

describe("x509-limbo", function () {
    if (!suite) {
        it("its chains are judged as it says", function () {
            console.log("      not run: there is no ../shared/limbo/limbo.json");
            this.skip();
        });
        return;
    }
    const cases = (JSON.parse(readFileSync(suite, "utf8")) as { testcases: Case[] }).testcases;

    before(async () => {
        pki = await cachedPki();
        core = await Core.open(1 << 20, {}, 8 << 20);
    });
    after(() => core.close());

    it(`judges its ${cases.length} chains as it says, but for those that docs/TRUST-STORE.md lists`, () => {
        const wrong: string[] = [];
        const lenient: string[] = [];
        for (const one of cases) {
            const result = judge(one);
            assert.notEqual(result, "OUT_OF_MEMORY", one.id);
            if ((result === "GOOD") === (one.expected_result === "SUCCESS")) {
                if (DIFFERENCES.includes(one.id)) wrong.push(`${one.id}: no difference any more`);
            } else if (result === "GOOD" && mayAccept(one)) {
                lenient.push(one.id);
            } else if (!DIFFERENCES.includes(one.id)) {
                wrong.push(`${one.id}: ${result}, not ${one.expected_result}`);
            }
        }
        const listed = readFileSync(join(projectFolder(), "docs/TRUST-STORE.md"), "utf8");
        for (const id of [...DIFFERENCES, ...lenient]) {
            if (!listed.includes(`\`${id}\` |`)) wrong.push(`${id}: judged otherwise, and not listed`);
        }
        const opposite = cases.filter(({ id }) => DIFFERENCES.includes(id)).length;
        console.log(`      ${cases.length - lenient.length - opposite} as it says, ${lenient.length + opposite} as listed`);
        assert.deepEqual(wrong, []);
    });
});
