//! Appends a line for each event to a file. Rust without crates.

mod member;
mod observerd;

use member::member;
use observerd::*;
use std::fs::OpenOptions;
use std::io::Write;
use std::mem::size_of;
use std::os::raw::{c_char, c_void};
use std::panic::catch_unwind;

/// What bind makes of one action's settings.
struct Target {
    file: String,
}

/// What became of one item: outcome, code, message.
type Outcome = (i32, &'static str, String);

fn append(file: &str, mut line: String) -> Outcome {
    if line.contains('\n') {
        return (REJECTED, "broken_line", "a line end in the line".into());
    }
    let mut opened = match OpenOptions::new().append(true).create(true).open(file) {
        Ok(opened) => opened,
        Err(error) => return (MISCONFIGURED, "open_failed", error.to_string()),
    };
    line.push('\n');
    // One write, so that lines of others do not get in between.
    match opened.write(line.as_bytes()) {
        Ok(written) if written == line.len() => (DELIVERED, "", String::new()),
        Ok(_) => (RETRY, "write_failed", "not all was written".into()),
        Err(error) => (RETRY, "write_failed", error.to_string()),
    }
}

unsafe fn outcome_of(batch: *const Batch, item: *const Item) -> Outcome {
    if ((*batch).cancelled)(batch) != 0 {
        return (CANCELLED, "cancelled", String::new());
    }
    let target = &*((*item).action as *const Target);
    match member((*item).settings_json.as_str(), "line") {
        Some(line) => append(&target.file, line),
        None => (REJECTED, "no_line", "there is no line to write".into()),
    }
}

// A panic must not cross into the host: each function that can panic catches its own.

unsafe extern "C" fn deliver(_module: *mut c_void, batch: *const Batch) {
    let count = (*batch).count; // the batch may go with its last report
    for index in 0..count {
        let item = *(*batch).items.add(index as usize);
        let (outcome, code, message) = catch_unwind(|| outcome_of(batch, item))
            .unwrap_or_else(|_| (RETRY, "panic", "the plugin panicked".into()));
        let result = Result {
            struct_size: size_of::<Result>() as u32,
            outcome,
            retry_after_ms: 0,
            code: Str::new(code),
            message: Str::new(&message),
            remote_id: Str::new(""),
        };
        ((*batch).report)(batch, index, &result);
    }
}

/// There are no plugin-wide settings and nothing to keep: any pointer but NULL will do.
unsafe extern "C" fn open(
    host: *const Host,
    _settings: Str,
    _errors: *const Errors,
) -> *mut c_void {
    host as *mut c_void
}
unsafe extern "C" fn close(_module: *mut c_void) {}

unsafe extern "C" fn bind(
    _module: *mut c_void,
    settings: Str,
    errors: *const Errors,
    binding: *const Binding,
) -> *mut c_void {
    match catch_unwind(|| member(settings.as_str(), "file")) {
        Ok(Some(file)) => {
            ((*binding).lane_key)(binding, Str::new(&file));
            Box::into_raw(Box::new(Target { file })) as *mut c_void
        }
        _ => {
            ((*errors).add)(errors, Str::new("/file"), Str::new("must be a string"));
            std::ptr::null_mut()
        }
    }
}
unsafe extern "C" fn unbind(_module: *mut c_void, action: *mut c_void) {
    drop(Box::from_raw(action as *mut Target));
}

const fn text(terminated: &'static str) -> *const c_char {
    terminated.as_ptr() as *const c_char
}

const ACTION_SCHEMA: &str = concat!(
    r#"{"type": "object", "additionalProperties": false, "required": ["file", "line"], "properties": {
      "file": {"type": "string", "pattern": "^/", "description": "Absolute path of the file to append to."},
      "line": {"type": "string", "x-template": "text", "description": "The line to write."}}}"#,
    "\0"
);

static TYPE: Table<ActionType> = Table(ActionType {
    struct_size: size_of::<ActionType>() as u32,
    flags: THREAD_SAFE,
    type_: text("spool_rust\0"),
    summary: text("Appends a line for each event to a file.\0"),
    module_schema: text("{\"type\": \"object\", \"additionalProperties\": false}\0"),
    action_schema: text(ACTION_SCHEMA),
    max_batch: 1,
    max_concurrency: 4,
    open,
    bind,
    start: None,
    deliver,
    stop: None,
    unbind,
    close,
    probe: None,
    preview: None,
});
static TYPES: Table<[*const ActionType; 1]> = Table([&TYPE.0]);
static PLUGIN: Table<Plugin> = Table(Plugin {
    struct_size: size_of::<Plugin>() as u32,
    abi_minor: 0,
    min_host_minor: 0,
    reserved: 0,
    name: text("spool_rust\0"),
    version: text("1.0.0\0"),
    description: text("An example in Rust.\0"),
    license: text("Apache-2.0\0"),
    vendor: text("observerd\0"),
    actions: TYPES.0.as_ptr(),
    action_count: 1,
    reserved_2: 0,
});

#[used]
#[link_section = ".note.observerd"]
static ABI_NOTE: Note = NOTE;

#[no_mangle]
pub extern "C" fn observerd_plugin_entry_v1() -> *const Plugin {
    &PLUGIN.0
}
