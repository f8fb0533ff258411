// Strict JSON (RFC 8259) from a stranger: JSON.parse, less what it lets
// through. Refused are equal keys in one object, NUL, lone surrogates, and
// whatever is longer, deeper or wider than the limits.

export const LIMITS = Object.freeze({
  characters: 30 * 1024, // no fewer bytes than that
  depth: 8,
  keys: 512, // in one object
  values: 8192, // in all
  number: 63, // characters
});

// Valid JSON falls into these tokens without a remainder.
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

function checkString(string) {
  if (string.includes("\0")) throw new SyntaxError("NUL in a string");
  if (/\p{Surrogate}/u.test(string)) throw new SyntaxError("a lone surrogate");
}

// Walks the tokens of text that JSON.parse accepted.
class Guard {
  #scopes = []; // of each open object its keys, of each open array null
  #values = 0;
  #string = null; // the last one

  take(token) {
    if (token === ":") this.#key();
    else if (token === "}" || token === "]") this.#scopes.pop();
    else if (token !== ",") this.#value(token);
  }

  // The last string was no value, but a key.
  #key() {
    const keys = this.#scopes.at(-1);
    this.#values -= 1;
    if (keys.has(this.#string)) throw new SyntaxError("two equal keys");
    if (keys.size === LIMITS.keys) throw new SyntaxError("too many keys");
    keys.add(this.#string);
  }

  #value(token) {
    this.#values += 1;
    if (token === "{") this.#open(new Set());
    else if (token === "[") this.#open(null);
    else if (token[0] === '"') {
      this.#string = JSON.parse(token);
      checkString(this.#string);
    } else if (token.length > LIMITS.number) {
      throw new SyntaxError("a number is too long");
    }
  }

  #open(keys) {
    this.#scopes.push(keys);
    if (this.#scopes.length > LIMITS.depth) throw new SyntaxError("nested too deep");
  }

  end() {
    if (this.#values > LIMITS.values) throw new SyntaxError("too many values");
  }
}

// One JSON object; throws SyntaxError for anything else.
export function parseObject(text) {
  if (text.length > LIMITS.characters) throw new SyntaxError("too large");
  const value = JSON.parse(text);
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new SyntaxError("no object");
  }
  const guard = new Guard();
  for (const [token] of text.matchAll(TOKEN)) guard.take(token);
  guard.end();
  return value;
}
