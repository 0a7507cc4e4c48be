//! Builds metric records as newline-delimited JSON.
//!
//!     records.metric("disk_io").tag("device", "sda").field("reads", reads);

#[derive(Default)]
pub struct Records(String);

impl Records {
    pub fn new() -> Records {
        Records::default()
    }
    /// Starts a record; it is complete at the end of the statement. Tags come before fields.
    pub fn metric(&mut self, name: &str) -> Record<'_> {
        let start = self.0.len();
        self.0.push_str("{\"metric\":");
        push_text(&mut self.0, name);
        Record { out: &mut self.0, start, tags: 0, fields: 0 }
    }
    pub fn text(&self) -> &str {
        &self.0
    }
}

pub struct Record<'a> {
    out: &'a mut String,
    start: usize,
    tags: u32,
    fields: u32,
}
impl Record<'_> {
    pub fn tag(mut self, key: &str, value: &str) -> Self {
        self.out.push_str(if self.tags == 0 { ",\"tags\":{" } else { "," });
        self.tags += 1;
        push_text(self.out, key);
        self.out.push(':');
        push_text(self.out, value);
        self
    }
    pub fn field(mut self, name: &str, value: impl Value) -> Self {
        if self.fields == 0 {
            self.out.push_str(if self.tags > 0 { "},\"values\":{" } else { ",\"values\":{" });
        } else {
            self.out.push(',');
        }
        self.fields += 1;
        push_text(self.out, name);
        self.out.push(':');
        value.push(self.out);
        self
    }
}
impl Drop for Record<'_> {
    /// A record without a field says nothing and is taken back.
    fn drop(&mut self) {
        if self.fields == 0 {
            self.out.truncate(self.start);
        } else {
            self.out.push_str("}}\n");
        }
    }
}

pub trait Value {
    fn push(&self, out: &mut String);
}
impl Value for f64 {
    fn push(&self, out: &mut String) {
        // JSON has no NaN.
        out.push_str(&if self.is_finite() { self.to_string() } else { "null".into() });
    }
}
impl Value for &str {
    fn push(&self, out: &mut String) {
        push_text(out, self);
    }
}
macro_rules! plain_values {
    ($($type:ty),*) => {
        $(impl Value for $type {
            fn push(&self, out: &mut String) {
                out.push_str(&self.to_string());
            }
        })*
    };
}
plain_values!(u64, i64, u32, i32, usize, bool);

fn push_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
}
