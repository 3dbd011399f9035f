// SPDX-License-Identifier: Apache-2.0
/** Specs: bodies of many sizes, sent and received over HTTPS. */
import type { RequestOptions } from "../../modules/https.ts";
import { to } from "./shared.ts";
import type { Act, Spec } from "./shared.ts";

const PIECE = "\x00\x01\x7f\x80\xff0123456789\r\n";

/** A text of so many bytes. */
const makeText = function (length: number): string {
    let text = "";
    while (text.length < length) text += PIECE;
    return text.substr(0, length);
};

/** Requests a page and gives status, body and error. */
const request = function (method: string, path: string, body: string, then: (got: string, status: number, code: string) => void): Act {
    return function (world) {
        const options = to(world, "pages", { method, path, agent: false }) as RequestOptions;
        let got = "";
        const sent = world.https.request(options, function (response) {
            response.on("data", function (data) {
                got += data;
            });
            response.on("end", function () {
                then(got, response.statusCode, "");
            });
        });
        sent.on("error", function (error) {
            then(got, 0, (error as { code: string }).code);
        });
        sent.end(body);
    };
};

/** Sends a text and tells whether the same comes back. */
const echo = function (length: number): Act {
    return function (world, give) {
        const text = makeText(length);
        request("POST", "/echo", text, function (got, status, code) {
            give([status, code, got.length, got === text]);
        })(world, give);
    };
};

/** Gets a page and tells its length. */
const get = function (path: string): Act {
    return function (world, give) {
        request("GET", path, "", function (got, status, code) {
            give([status, code, got.length]);
        })(world, give);
    };
};

const echoes = function (length: number): Spec {
    return ["sends and gets " + length + " bytes", [200, "", length, true], echo(length)];
};

const wholes = function (length: number): Spec {
    return ["gets " + length + " bytes", [200, "", length], get("/bytes/" + length)];
};

const chunks = function (length: number): Spec {
    return ["gets " + length + " bytes in chunks", [200, "", length], get("/chunked/" + length)];
};

// As little as there can be, more than a segment and more than a window of the core; a board has a body three
// times while it sends it, and with the arena in the heap of JavaScript some 80 KB for all of it.
export const specs: Spec[] = [0, 1, 511, 4096, 6000]
    .map(echoes)
    .concat([5000, 10000].map(wholes), [0, 1, 5000, 9000].map(chunks));
