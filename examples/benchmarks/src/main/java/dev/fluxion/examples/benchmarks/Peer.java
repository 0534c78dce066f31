package dev.fluxion.examples.benchmarks;

import java.util.Arrays;

/** The libraries, each in a process of its own. */
enum Peer {
    FLUXION("fluxion", "Fluxion"),
    PYTORCH("pytorch", "PyTorch"),
    PYTORCH_LAST("pytorch-cl", "PyTorch channels-last"),
    ONNXRUNTIME("onnxruntime", "ONNX Runtime"),
    DJL("djl", "DJL");

    private final String option;
    private final String title;

    Peer(String option, String title) {
        this.option = option;
        this.title = title;
    }

    /** How tables call it. */
    String title() {
        return title;
    }

    /** Whether it can do such steps at all. */
    boolean does(Cell.Mode mode) {
        return this != ONNXRUNTIME || mode == Cell.Mode.INFER;
    }

    /** The library of a name, loaded. */
    Library library(int threads) {
        return switch (this) {
            case FLUXION -> new FluxionLibrary(threads);
            case PYTORCH -> new PyTorchLibrary(threads, false);
            case PYTORCH_LAST -> new PyTorchLibrary(threads, true);
            case ONNXRUNTIME -> new OnnxLibrary(threads);
            case DJL -> new DjlLibrary(threads);
        };
    }

    static Peer named(String name) {
        return Arrays.stream(values())
                .filter(peer -> peer.option.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(Errors.unknownPeer(name)));
    }

    /** The name in options. */
    @Override
    public String toString() {
        return option;
    }
}
