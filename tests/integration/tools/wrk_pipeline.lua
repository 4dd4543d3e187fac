-- Sixteen requests in one piece.
init = function()
  batch = string.rep(wrk.format("GET", "/hello"), 16)
end

request = function()
  return batch
end
