package dev.fluxion.examples.spring;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Serves the model that {@code fluxion.models.digits.path} names. */
@SpringBootApplication
public class DigitsApplication {
    /** Starts it. */
    public static void main(String[] arguments) {
        SpringApplication.run(DigitsApplication.class, arguments);
    }
}
