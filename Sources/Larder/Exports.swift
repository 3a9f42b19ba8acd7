// Whoever declares a namespace says how much of it fits into memory, with a type of that module.
@_exported public import MemoryCache
