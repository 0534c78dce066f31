package dev.fluxion.dsl.optim;

/** Every message of this package. */
final class Errors {
    private Errors() {}

    static String nesterov() {
        return "sgd: nesterov(true) needs momentum above 0 and dampening 0";
    }
}
