package dev.fluxion.examples.spring;

import dev.fluxion.serving.Predictor;
import dev.fluxion.serving.RefusedException;
import java.util.concurrent.CompletableFuture;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Answers {@code POST /digits} with a score for each class. */
@RestController
class DigitsController {
    private final Predictor<float[], float[]> digits;

    DigitsController(Predictor<float[], float[]> digits) {
        this.digits = digits;
    }

    @PostMapping("/digits")
    CompletableFuture<float[]> scores(@RequestBody float[] pixels) {
        return digits.submit(pixels);
    }

    @ExceptionHandler
    @ResponseStatus(HttpStatus.BAD_REQUEST)
    String invalid(IllegalArgumentException e) {
        return String.valueOf(e.getMessage());
    }

    @ExceptionHandler
    @ResponseStatus(HttpStatus.SERVICE_UNAVAILABLE)
    String refused(RefusedException e) {
        return String.valueOf(e.getMessage());
    }
}
