package dev.fluxion.ir;

/**
 * How the result of an operator changes when its operands are a little off, and how often it is rounded: what an analysis of
 * errors has to know.
 */
public enum Sensitivity {
    /** It follows from no operand and is exact. */
    NONE,
    /** Elements of the operands at other places. */
    MOVED,
    /** It rises or falls with each operand, and is not rounded: a maximum. */
    MONOTONE,
    /** Sums of elements of the first operand with weights that are not negative; the other operands say which. */
    SUM,
    /** Sums of products of one element of the first operand and one of the second. */
    PRODUCTS,
    /** None of these: an analysis needs a rule for this operator. */
    OWN
}
