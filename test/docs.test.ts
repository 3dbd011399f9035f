// SPDX-License-Identifier: Apache-2.0
/** The API documentation: complete, or this fails. */
import { Application } from "typedoc";
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("documentation", () => {
    it("typedoc has nothing to complain about", async function () {
        this.timeout(60000);
        const app = await Application.bootstrapWithPlugins({ options: join(root, "docs/typedoc.json") });
        const project = await app.convert();
        assert.ok(project, "the code is converted");
        app.validate(project);
        assert.equal(app.logger.hasErrors(), false, "errors are printed above");
        assert.equal(app.logger.hasWarnings(), false, "warnings are printed above");
    });
});
