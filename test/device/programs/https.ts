/** A program for the board: requests over a connection that is played by this program. */
import { Emitter } from "../../../modules/emitter.ts";
import { createHttps } from "../../../modules/https.ts";

const seen: unknown[] = [];
let connections = 0;

/** Answers each request with the bytes of the next answer, in pieces. */
class Peer extends Emitter<{
    secureConnect: [];
    data: [data: string];
    end: [];
    drain: [];
    session: [session: unknown];
    error: [error: unknown];
    close: [];
}> {
    private _answers: string[];
    private _piece: number;
    private _request: string;
    private _closed: boolean;

    constructor(answers: string[], piece: number) {
        super();
        this._answers = answers;
        this._piece = piece;
        this._request = "";
        this._closed = false;
        setTimeout(this.emit.bind(this, "session", "session " + connections), 0);
        setTimeout(this.emit.bind(this, "secureConnect"), 0);
    }

    write(data: string): boolean {
        this._request += data;
        if (!/\r\n\r\n$/.test(this._request)) return true;
        seen.push(this._request.split("\r")[0]);
        this._request = "";
        const answer = this._answers.shift() || "";
        for (let at = 0; at < answer.length; at += this._piece) {
            this.emit("data", answer.substr(at, this._piece));
        }
        return true;
    }

    end(): void {
        if (this._closed) return;
        this._closed = true;
        seen.push("closed");
        this.emit("close");
    }

    destroy(): void {
        this.end();
    }

    pause(): void {
        seen.push("paused");
    }

    resume(): void {}
}

const ANSWERS = [
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: 1\r\nX-A: 2\r\n\r\nhello",
    "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nlong\r\n1\r\n!\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: nine\r\n\r\n",
];

const https = createHttps({
    connect: function (options) {
        connections++;
        seen.push(["with", options["session"] || "no session"]);
        return new Peer(ANSWERS.slice(), connections === 1 ? 7 : 1);
    },
});

const ask = function (path: string, then: () => void): void {
    let body = "";
    https
        .get({ host: "example.org", path }, function (response) {
            seen.push([response.statusCode, response.headers]);
            response.on("data", function (data) {
                body += data;
            });
            response.on("end", function () {
                seen.push(body);
                then();
            });
        })
        .on("error", function (error) {
            seen.push((error as { code?: string }).code);
            then();
        });
};

ask("/1", function () {
    ask("/2", function () {
        ask("/3", function () {
            seen.push(["connections", connections]);
            ask("/4", function () {
                https.globalAgent.destroy();
            });
        });
    });
});

try {
    https.get("http://example.org/");
} catch (error) {
    seen.push((error as { code?: string }).code);
}

export const result = seen;
