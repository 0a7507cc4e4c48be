//! The instance's options. The host has checked them against plugin.json and filled in defaults, so
//! a name that is missing is a bug of the plugin, and panics.

use super::{abi, Failure, Result};

/// The members of one JSON object, each with the text of its value.
pub struct Options(Vec<(String, String)>);

impl Options {
    pub fn parse(json: &str) -> Result<Options> {
        let mut reader = Reader { text: json, at: 0 };
        reader
            .object()
            .map(Options)
            .ok_or_else(|| Failure::new(abi::E_INVALID, "unity.options", "the options are no JSON"))
    }
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }
    pub fn raw(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(key, _)| key == name);
        match found {
            Some((_, value)) => value,
            None => panic!("option '{name}' is not in the manifest's schema"),
        }
    }
    pub fn string(&self, name: &str) -> String {
        let mut reader = Reader { text: self.raw(name), at: 0 };
        reader.string().unwrap_or_else(|| panic!("option '{name}' is not text"))
    }
    pub fn integer(&self, name: &str) -> i64 {
        self.raw(name).parse().unwrap_or_else(|_| panic!("option '{name}' is not a whole number"))
    }
    pub fn number(&self, name: &str) -> f64 {
        self.raw(name).parse().unwrap_or_else(|_| panic!("option '{name}' is not a number"))
    }
    pub fn boolean(&self, name: &str) -> bool {
        self.raw(name) == "true"
    }
    /// For {"$ref": "unity:secret"}: the name to give to Host::with_secret().
    pub fn secret_name(&self, name: &str) -> String {
        let inner = Options::parse(self.raw(name));
        inner.unwrap_or_else(|_| panic!("option '{name}' is not a secret")).string("$secret")
    }
}

/// Walks JSON that the host has written; what it did not write is None.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}
impl Reader<'_> {
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(self.at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }
    fn accept(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += found as usize;
        found
    }
    fn object(&mut self) -> Option<Vec<(String, String)>> {
        let mut members = Vec::new();
        if !self.accept(b'{') {
            return None;
        }
        while !self.accept(b'}') {
            let name = self.string()?;
            if !self.accept(b':') {
                return None;
            }
            members.push((name, self.value()?.to_string()));
            if !self.accept(b',') && self.peek() != Some(b'}') {
                return None;
            }
        }
        Some(members)
    }
    /// The text of any value.
    fn value(&mut self) -> Option<&str> {
        self.peek()?;
        let start = self.at;
        let mut depth = 0;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth == 0 => break,
                b'}' | b']' => depth -= 1,
                b',' if depth == 0 => break,
                _ => {}
            }
            self.at += 1;
        }
        Some(self.text[start..self.at].trim_end())
    }
    fn string(&mut self) -> Option<String> {
        if !self.accept(b'"') {
            return None;
        }
        let mut out = String::new();
        let mut chars = self.text[self.at..].char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.at += at + 1;
                    return Some(out);
                }
                '\\' => match chars.next()?.1 {
                    'n' => out.push('\n'),
                    't' => out.push('\t'),
                    'r' => out.push('\r'),
                    'b' => out.push('\u{8}'),
                    'f' => out.push('\u{c}'),
                    // The host writes only control characters this way.
                    'u' => {
                        let digits: String = chars.by_ref().take(4).map(|(_, c)| c).collect();
                        out.push(char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?);
                    }
                    other => out.push(other),
                },
                other => out.push(other),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_host_writes() {
        let options = Options::parse(
            r#"{"path":"/a\"b\u0009c","deep":{"x":[1,{"y":"}"}]},"n":-5,"f":1.5,"on":true,
                "key":{"$secret":"db"}}"#,
        )
        .unwrap();
        assert_eq!(options.string("path"), "/a\"b\tc");
        assert_eq!(options.raw("deep"), r#"{"x":[1,{"y":"}"}]}"#);
        assert_eq!(options.integer("n"), -5);
        assert_eq!(options.number("f"), 1.5);
        assert!(options.boolean("on"));
        assert_eq!(options.secret_name("key"), "db");
        assert!(!options.has("other"));
        assert!(Options::parse("[]").is_err());
        assert!(Options::parse(r#"{"a" 1}"#).is_err());
    }
}
