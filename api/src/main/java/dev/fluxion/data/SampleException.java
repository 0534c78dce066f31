package dev.fluxion.data;

/** A sample could not be read or made. The message begins with its name; the cause is what was thrown. */
public final class SampleException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String sample;

    SampleException(String sample, RuntimeException cause) {
        super(Errors.sampleFailed(sample, cause), cause);
        this.sample = sample;
    }

    /** The name of the sample, as {@link Dataset#name} has it. */
    public String sample() {
        return sample;
    }
}
