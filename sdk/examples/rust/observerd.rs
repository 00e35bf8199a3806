//! The ABI of `observerd/plugin.h`, minor 0, written down for Rust. `make layouts-agree` compares every
//! offset and size with the header. What the members mean stands there.
#![allow(dead_code)]

use std::os::raw::{c_char, c_void};

pub const DELIVERED: i32 = 0;
pub const RETRY: i32 = 1;
pub const THROTTLED: i32 = 2;
pub const REJECTED: i32 = 3;
pub const UNAVAILABLE: i32 = 4;
pub const MISCONFIGURED: i32 = 5;
pub const CANCELLED: i32 = 6;
pub const GONE: i32 = 7;
pub const THREAD_SAFE: u32 = 1;
pub const ASYNC: u32 = 2;

/// Borrowed UTF-8, not terminated.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Str {
    pub data: *const u8,
    pub len: u64,
}

impl Str {
    pub fn new(text: &str) -> Str {
        Str {
            data: text.as_ptr(),
            len: text.len() as u64,
        }
    }
    /// # Safety
    /// The text must be valid for as long as the result is used.
    pub unsafe fn as_str<'a>(self) -> &'a str {
        if self.data.is_null() {
            return "";
        }
        std::str::from_utf8(std::slice::from_raw_parts(self.data, self.len as usize)).unwrap_or("")
    }
}

#[repr(C)]
pub struct Field {
    pub key: Str,
    pub value: Str,
}

#[repr(C)]
pub struct Host {
    pub struct_size: u32,
    pub abi_minor: u32,
    pub context: *mut c_void,
    pub log_enabled: unsafe extern "C" fn(*const Host, i32) -> i32,
    pub log: unsafe extern "C" fn(*const Host, i32, Str, *const Field, u32),
    pub metric: unsafe extern "C" fn(*const Host, i32, Str, f64, *const Field, u32),
    pub now_ns: unsafe extern "C" fn(*const Host) -> i64,
    pub extension: unsafe extern "C" fn(*const Host, *const c_char) -> *const c_void,
}

#[repr(C)]
pub struct Errors {
    pub struct_size: u32,
    pub reserved: u32,
    pub context: *mut c_void,
    pub add: unsafe extern "C" fn(*const Errors, Str, Str),
}

#[repr(C)]
pub struct Binding {
    pub struct_size: u32,
    pub reserved: u32,
    pub context: *mut c_void,
    pub lane_key: unsafe extern "C" fn(*const Binding, Str),
    pub batch_key: unsafe extern "C" fn(*const Binding, Str),
}

#[repr(C)]
pub struct Item {
    pub struct_size: u32,
    pub attempt: u32,
    pub action: *mut c_void,
    pub delivery_id: Str,
    pub order: u64,
    pub event_json: Str,
    pub settings_json: Str,
    pub trace_parent: Str,
    pub created_ns: i64,
}

#[repr(C)]
pub struct Result {
    pub struct_size: u32,
    pub outcome: i32,
    pub retry_after_ms: i64,
    pub code: Str,
    pub message: Str,
    pub remote_id: Str,
}

#[repr(C)]
pub struct Batch {
    pub struct_size: u32,
    pub count: u32,
    pub context: *mut c_void,
    pub items: *const *const Item,
    pub deadline_ns: i64,
    pub cancel_fd: i32,
    pub reserved: u32,
    pub cancelled: unsafe extern "C" fn(*const Batch) -> i32,
    pub report: unsafe extern "C" fn(*const Batch, u32, *const Result),
}

#[repr(C)]
pub struct Preview {
    pub struct_size: u32,
    pub reserved: u32,
    pub context: *mut c_void,
    pub write: unsafe extern "C" fn(*const Preview, Str),
}

#[repr(C)]
pub struct ActionType {
    pub struct_size: u32,
    pub flags: u32,
    pub type_: *const c_char,
    pub summary: *const c_char,
    pub module_schema: *const c_char,
    pub action_schema: *const c_char,
    pub max_batch: u32,
    pub max_concurrency: u32,
    pub open: unsafe extern "C" fn(*const Host, Str, *const Errors) -> *mut c_void,
    pub bind: unsafe extern "C" fn(*mut c_void, Str, *const Errors, *const Binding) -> *mut c_void,
    pub start: Option<unsafe extern "C" fn(*mut c_void) -> i32>,
    pub deliver: unsafe extern "C" fn(*mut c_void, *const Batch),
    pub stop: Option<unsafe extern "C" fn(*mut c_void)>,
    pub unbind: unsafe extern "C" fn(*mut c_void, *mut c_void),
    pub close: unsafe extern "C" fn(*mut c_void),
    pub probe: Option<unsafe extern "C" fn(*mut c_void, *mut c_void, *const Errors) -> i32>,
    pub preview: Option<unsafe extern "C" fn(*mut c_void, *const Item, *const Preview)>,
}

#[repr(C)]
pub struct Plugin {
    pub struct_size: u32,
    pub abi_minor: u32,
    pub min_host_minor: u32,
    pub reserved: u32,
    pub name: *const c_char,
    pub version: *const c_char,
    pub description: *const c_char,
    pub license: *const c_char,
    pub vendor: *const c_char,
    pub actions: *const *const ActionType,
    pub action_count: u32,
    pub reserved_2: u32,
}

/// A table that never changes, and so may be seen by every thread although it holds pointers.
#[repr(transparent)]
pub struct Table<T>(pub T);
unsafe impl<T> Sync for Table<T> {}

/// The note that the host reads before any code runs: name, version and pointer size.
#[repr(C)]
pub struct Note {
    pub sizes: [u32; 3],
    pub name: [u8; 12],
    pub words: [u32; 4],
}
pub const NOTE: Note = Note {
    sizes: [10, 16, 1],
    name: *b"observerd\0\0\0",
    words: [1, 0, 0, 8],
};
