package dev.fluxion.ir;

/** The element type of an expression. */
public enum DType {
    /** 32-bit floating point in compiled programs, double precision in the interpreter. */
    FLOAT,
    /** 32-bit signed integers: class labels and indices. They carry no gradient. */
    INT
}
