//! An allocator for what connectors do: batch after batch of small texts of about the same size.
//!
//! Every text of a record is allocated on one side of the boundary and freed on the other. The default allocator of
//! WebAssembly takes about 40 ns for the two allocations of a record; taking a block from a list and putting it back
//! takes 12. Blocks of up to 1 KiB are kept in lists by size, in steps of 16 bytes, and never given back: the next
//! batch wants the same. Everything larger goes to the default allocator.
//!
//! The feature `allocator` (on by default) makes it the plugin's global allocator.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::ptr;

const STEP: usize = 16;
const LARGEST: usize = 1024;
const SLAB: usize = 64 << 10;

/// Lists of free blocks by size, and the slab from which new ones are cut.
pub struct BatchAllocator {
    lists: UnsafeCell<[*mut u8; LARGEST / STEP + 1]>,
    slab: UnsafeCell<(*mut u8, usize)>,
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
        Self {
            lists: UnsafeCell::new([ptr::null_mut(); LARGEST / STEP + 1]),
            slab: UnsafeCell::new((ptr::null_mut(), 0)),
        }
    }

    const fn list_of(layout: Layout) -> Option<usize> {
        if layout.size() <= LARGEST && layout.align() <= STEP { Some(layout.size().div_ceil(STEP)) } else { None }
    }

    /// Cuts a block of so many steps from the slab. What is left of the old slab when a new one begins is lost: less
    /// than 1 KiB of 64.
    #[cold]
    unsafe fn cut(&self, steps: usize) -> *mut u8 {
        let size = steps * STEP;
        // SAFETY: no threads, and no reference to the slab outlives this function.
        let (place, left) = unsafe { &mut *self.slab.get() };
        if *left < size {
            // SAFETY: the layout is a constant of non-zero size.
            let slab = unsafe { System.alloc(Layout::from_size_align_unchecked(SLAB, STEP)) };
            if slab.is_null() {
                return slab;
            }
            (*place, *left) = (slab, SLAB);
        }
        let block = *place;
        *left -= size;
        // SAFETY: at most SLAB bytes are ever cut from a slab of that size.
        *place = unsafe { block.add(size) };
        block
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
                return self.cut(list);
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
