//! An allocator for what connectors do: batch after batch of small texts of about the same size.
//!
//! Every text of a record is allocated on one side of the boundary and freed on the other. The default allocator of
//! WebAssembly takes about 40 ns for the two allocations of a record; taking a block from a list and putting it back
//! takes 12. Blocks of up to 1 KiB are kept in lists by size, in steps of 16 bytes, and never given back: the next
//! batch wants the same. Everything larger goes to the default allocator.
//!
//! Each block is one of the default allocator's own, never a piece of a larger one: what the host hands to the C
//! library (names of granted directories, for instance) is allocated here, by the standard library's `cabi_realloc`,
//! and freed there, with `free`.
//!
//! The feature `allocator` (on by default) makes it the plugin's global allocator.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::ptr;

const STEP: usize = 16;
const LARGEST: usize = 1024;
/// What the default allocator puts in front of a block: with it, a block is a whole number of steps.
const HEADER: usize = 4;
/// What the default allocator keeps to without being asked.
const ALIGN: usize = 8;

/// Lists of free blocks by size.
pub struct BatchAllocator {
    lists: UnsafeCell<[*mut u8; (LARGEST + HEADER).div_ceil(STEP) + 1]>,
}

// SAFETY: this is compiled for targets without threads only; see the `cfg` on the module.
unsafe impl Sync for BatchAllocator {}

impl Default for BatchAllocator {
    fn default() -> Self {
        Self::new()
    }
}

impl BatchAllocator {
    /// Empty lists.
    pub const fn new() -> Self {
        Self { lists: UnsafeCell::new([ptr::null_mut(); (LARGEST + HEADER).div_ceil(STEP) + 1]) }
    }

    const fn list_of(layout: Layout) -> Option<usize> {
        if layout.size() <= LARGEST && layout.align() <= ALIGN {
            Some((layout.size() + HEADER).div_ceil(STEP))
        } else {
            None
        }
    }

    /// A new block of the list's size.
    #[cold]
    fn new_block(steps: usize) -> *mut u8 {
        // SAFETY: a valid layout of non-zero size, for a list's index is at least 1.
        unsafe { System.alloc(Layout::from_size_align_unchecked(steps * STEP - HEADER, ALIGN)) }
    }
}

// SAFETY: a block belongs either to its owner or to the list of its size, in whose case its first bytes hold the next
// block; sizes and alignments are those of the list, at least what was asked for. Layouts of size zero are not passed
// to a global allocator.
unsafe impl GlobalAlloc for BatchAllocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some(list) = Self::list_of(layout) else {
            // SAFETY: passed on.
            return unsafe { System.alloc(layout) };
        };
        // SAFETY: no threads; the list index is in range; a block in a list holds a valid pointer or null.
        unsafe {
            let head = &mut (*self.lists.get())[list];
            let block = *head;
            if block.is_null() {
                return Self::new_block(list);
            }
            *head = block.cast::<*mut u8>().read();
            block
        }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let Some(list) = Self::list_of(layout) else {
            // SAFETY: passed on.
            return unsafe { System.dealloc(block, layout) };
        };
        // SAFETY: the block is of this list and nobody else's any more.
        unsafe {
            let head = &mut (*self.lists.get())[list];
            block.cast::<*mut u8>().write(*head);
            *head = block;
        }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller promises a valid size and alignment.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        match (Self::list_of(layout), Self::list_of(wanted)) {
            // SAFETY: passed on.
            (None, None) => unsafe { System.realloc(block, layout, size) },
            (Some(have), Some(want)) if have == want => block,
            // SAFETY: both blocks are valid for the smaller of the two sizes and do not overlap.
            _ => unsafe {
                let moved = self.alloc(wanted);
                if !moved.is_null() {
                    ptr::copy_nonoverlapping(block, moved, layout.size().min(size));
                    self.dealloc(block, layout);
                }
                moved
            },
        }
    }
}

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: BatchAllocator = BatchAllocator::new();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_keep_what_is_written_to_them_and_never_overlap() {
        let allocator = BatchAllocator::new();
        let mut seed = 12_345_u32;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) as usize % below
        };
        let mut blocks: Vec<(*mut u8, Layout, u8)> = Vec::new();
        for round in 0..20_000_u32 {
            let mark = round as u8;
            let size = 1 + random(2000);
            // SAFETY: layouts are valid and not empty; blocks are freed once, with their own layout.
            unsafe {
                match random(3) {
                    0 if !blocks.is_empty() => {
                        let (block, layout, mark) = blocks.swap_remove(random(blocks.len()));
                        for at in 0..layout.size() {
                            assert_eq!(block.add(at).read(), mark);
                        }
                        allocator.dealloc(block, layout);
                    }
                    1 if !blocks.is_empty() => {
                        let index = random(blocks.len());
                        let (block, layout, mark) = blocks[index];
                        let moved = allocator.realloc(block, layout, size);
                        for at in 0..layout.size().min(size) {
                            assert_eq!(moved.add(at).read(), mark);
                        }
                        moved.write_bytes(mark, size);
                        blocks[index] = (moved, Layout::from_size_align_unchecked(size, layout.align()), mark);
                    }
                    _ => {
                        let layout = Layout::from_size_align_unchecked(size, 1 << random(5));
                        let block = allocator.alloc(layout);
                        assert_eq!(block as usize % layout.align(), 0);
                        block.write_bytes(mark, size);
                        blocks.push((block, layout, mark));
                    }
                }
            }
        }
        for (block, layout, _) in blocks {
            // SAFETY: as above.
            unsafe { allocator.dealloc(block, layout) };
        }
    }
}
