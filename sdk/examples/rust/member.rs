//! Just as much JSON as this plugin's schema allows: a flat object whose members are all strings. A
//! plugin with settings of more kinds takes a crate.

use std::iter::Peekable;
use std::str::Chars;

fn eat(text: &mut Peekable<Chars>, wanted: char) -> Option<()> {
    while text.next_if(|c| " \t\r\n".contains(*c)).is_some() {}
    text.next_if_eq(&wanted).map(|_| ())
}

fn hex4(text: &mut Peekable<Chars>) -> Option<u16> {
    (0..4).try_fold(0, |code, _| {
        Some(code << 4 | text.next()?.to_digit(16)? as u16)
    })
}

fn escape(text: &mut Peekable<Chars>) -> Option<char> {
    Some(match text.next()? {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        c @ ('"' | '\\' | '/') => c,
        'u' => {
            let mut units = vec![hex4(text)?];
            if (0xD800..0xDC00).contains(&units[0]) {
                text.next_if_eq(&'\\')?;
                text.next_if_eq(&'u')?;
                units.push(hex4(text)?);
            }
            return char::decode_utf16(units).next()?.ok();
        }
        _ => return None,
    })
}

fn string(text: &mut Peekable<Chars>) -> Option<String> {
    eat(text, '"')?;
    let mut out = String::new();
    loop {
        match text.next()? {
            '"' => return Some(out),
            '\\' => out.push(escape(text)?),
            c if c < ' ' => return None,
            c => out.push(c),
        }
    }
}

/// The member of that name; `None` when there is none, or the text is no such object.
pub fn member(object: &str, name: &str) -> Option<String> {
    let mut text = object.chars().peekable();
    eat(&mut text, '{')?;
    loop {
        let key = string(&mut text)?;
        eat(&mut text, ':')?;
        let value = string(&mut text)?;
        if key == name {
            return Some(value);
        }
        eat(&mut text, ',')?;
    }
}
