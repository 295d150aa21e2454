/** How a plugin says that something went wrong. */

/**
 * A message to a person and an instruction to the worker.
 *
 * Any other error is a failure too: its name is the code, its text the message, and it is not retried.
 */
export class Failure extends Error {
    /**
     * `config`, `data`, `timeout`, `unavailable` and `unsupported` are codes that the worker knows.
     * @param {string} message
     * @param {{code?: string, retriable?: boolean, retryAfterMs?: number | null, cause?: unknown}} [options]
     */
    constructor(message, { code = "failed", retriable = false, retryAfterMs = null, cause } = {}) {
        super(message, cause === undefined ? undefined : { cause });
        this.name = "Failure";
        this.code = code;
        this.retriable = retriable;
        this.retryAfterMs = retryAfterMs;
    }

    /** Somebody has to mend a setting. @param {string} message @param {unknown} [cause] */
    static config(message, cause) {
        return new Failure(message, { code: "config", cause });
    }

    /** A record cannot be what it should be. @param {string} message @param {unknown} [cause] */
    static data(message, cause) {
        return new Failure(message, { code: "data", cause });
    }

    /**
     * The other system does not answer now; the same call is made again.
     * @param {string} message @param {number | null} [retryAfterMs]
     */
    static unavailable(message, retryAfterMs = null) {
        return new Failure(message, { code: "unavailable", retriable: true, retryAfterMs });
    }
}
