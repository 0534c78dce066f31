package dev.fluxion.serving.http;

import dev.fluxion.serving.protocol.Settings;
import java.time.Duration;

/**
 * What a server takes of its clients: {@code HttpLimits.defaults().body(1 << 20)}.
 *
 * @param body how many bytes the body of a request has at most, as it comes and unfolded
 * @param bodies how many bytes the bodies of all requests that are read at one time have together
 * @param header how many bytes the first line has at most, and how many the headers together
 * @param connections how many connections are open at one time; 64 more are told within a second that there are too many, others are closed
 * @param pipeline how many requests of one connection are answered at one time, or have answers that it has not fetched; others are read later
 * @param request how long a request may take to come, and its answer to be fetched
 * @param idle how long a connection may be silent
 * @param drain how long closing the server waits for answers
 */
public record HttpLimits(
        int body,
        long bodies,
        int header,
        int connections,
        int pipeline,
        Duration request,
        Duration idle,
        Duration drain) {
    private static final String LIMITS = "HttpLimits";
    private static final int LEAST_HEADER = 256;
    private static final int MOST_HEADER = 1 << 20;

    /** How many connections are told at one time that there are too many, and how long they may take to ask. */
    static final int SURPLUS = 64;

    private static final Duration SURPLUS_TIME = Duration.ofSeconds(1);

    /** Checks the numbers. */
    public HttpLimits {
        Settings.requireWithin(LIMITS, "body", 1, 1 << 30, body);
        Settings.requireWithin(LIMITS, "bodies", body, Long.MAX_VALUE, bodies);
        Settings.requireWithin(LIMITS, "header", LEAST_HEADER, MOST_HEADER, header);
        Settings.requireWithin(LIMITS, "connections", 1, Integer.MAX_VALUE, connections);
        Settings.requireWithin(LIMITS, "pipeline", 1, 1 << 16, pipeline);
        Settings.requirePositive(LIMITS, "request", request);
        Settings.requirePositive(LIMITS, "idle", idle);
        Settings.requirePositive(LIMITS, "drain", drain);
    }

    /**
     * Bodies of 16 MiB, 256 MiB of all together; 16 KiB of headers; 1,024 connections of 16 requests; 30 s for a request and for
     * closing, 60 s of silence.
     */
    public static HttpLimits defaults() {
        return new HttpLimits(
                16 << 20,
                256L << 20,
                16 << 10,
                1024,
                16,
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                Duration.ofSeconds(30));
    }

    /** Another number of bytes of a body, from 1 to 2³⁰. */
    public HttpLimits body(int bytes) {
        return new HttpLimits(bytes, Math.max(bytes, bodies), header, connections, pipeline, request, idle, drain);
    }

    /** Another number of bytes of all bodies, at least that of one. */
    public HttpLimits bodies(long bytes) {
        return new HttpLimits(body, bytes, header, connections, pipeline, request, idle, drain);
    }

    /** Another number of bytes of the headers, from 256 to 2²⁰. */
    public HttpLimits header(int bytes) {
        return new HttpLimits(body, bodies, bytes, connections, pipeline, request, idle, drain);
    }

    /** Another number of connections. */
    public HttpLimits connections(int count) {
        return new HttpLimits(body, bodies, header, count, pipeline, request, idle, drain);
    }

    /** Another number of requests of a connection, from 1 to 65,536. */
    public HttpLimits pipeline(int count) {
        return new HttpLimits(body, bodies, header, connections, count, request, idle, drain);
    }

    /** Another time for a request to come and for its answer to be fetched. */
    public HttpLimits request(Duration time) {
        return new HttpLimits(body, bodies, header, connections, pipeline, time, idle, drain);
    }

    /** Another time of silence. */
    public HttpLimits idle(Duration time) {
        return new HttpLimits(body, bodies, header, connections, pipeline, request, time, drain);
    }

    /** Another time for closing. */
    public HttpLimits drain(Duration time) {
        return new HttpLimits(body, bodies, header, connections, pipeline, request, idle, time);
    }

    /** For a connection that is told that there are too many. */
    HttpLimits surplus() {
        return request(least(request)).idle(least(idle));
    }

    private static Duration least(Duration time) {
        return time.compareTo(SURPLUS_TIME) < 0 ? time : SURPLUS_TIME;
    }
}
