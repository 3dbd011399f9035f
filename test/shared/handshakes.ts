// SPDX-License-Identifier: Apache-2.0
/** Specs: handshakes with OpenSSL over both versions and kinds of chain, and sessions that are resumed. */
import { converse, to } from "./shared.ts";
import type { Act, Spec, World } from "./shared.ts";

const LINE = "0123456789abcdef";
const REVERSED = "fedcba9876543210";

/** Has a line reversed. */
const reverse = function (peer: string): Act {
    return function (world, give) {
        converse(world, to(world, peer, {}), LINE + "\n", function (outcome, socket) {
            give([outcome.secure, outcome.code, outcome.data, outcome.protocol, socket.authorized]);
        });
    };
};

const reversed = function (protocol: string): unknown {
    return [true, "", REVERSED + "\n", protocol, true];
};

/** Connects twice, the second time with the session of the first. */
const resume = function (peer: string): Act {
    return function (world: World, give) {
        converse(world, to(world, peer, {}), LINE + "\n", function (_outcome, first) {
            const again = to(world, peer, { session: first.getSession() });
            converse(world, again, LINE + "\n", function (outcome, second) {
                give([first.isSessionReused(), second.isSessionReused(), outcome.data, second.authorized]);
            });
        });
    };
};

export const specs: Spec[] = [
    ["TLS 1.2, EC chain: verified, and exchanges data", reversed("TLSv1.2"), reverse("ec12")],
    ["TLS 1.2, RSA chain: verified, and exchanges data", reversed("TLSv1.2"), reverse("rsa12")],
    ["TLS 1.3, EC chain: verified, and exchanges data", reversed("TLSv1.3"), reverse("ec13")],
    ["TLS 1.3, RSA chain: verified, and exchanges data", reversed("TLSv1.3"), reverse("rsa13")],
    ["TLS 1.2 resumes a session", [false, true, REVERSED + "\n", true], resume("ec12")],
    ["TLS 1.3 resumes a session", [false, true, REVERSED + "\n", true], resume("ec13")],
];
